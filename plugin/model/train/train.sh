#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Trains the encoder and the verifier: train.sh DATA_FOLDER WORK_FOLDER [MINUTES [MODEL_FROM]]
#
# With MODEL_FROM (an encoder.wnm) the training goes on from that model instead of beginning anew.
#
# DATA_FOLDER holds parallel/, lexicon/, topics/ and editions/ (see ../CARD.md for what each is).
# Needs gcc, libicu-dev, libxxhash-dev, python3-numpy, python3-sklearn. Writes ../encoder.wnm and
# ../../editions/verifier_model.h. An hour on two idle cores is enough for the shipped quality.
set -eu
[ $# -ge 2 ] || { sed -n '3,10s/^# \{0,1\}//p' "$0"; exit 2; }
data=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
minutes=${3-60}
from=${4:+$(realpath "$4")}
cd "$(dirname "$0")"
text="../../text/encoder.c ../../text/features.c ../../text/kernels.c ../../text/utf8.c"
editions="../../editions/evidence.c ../../editions/index.c ../../editions/codes.c
    ../../editions/pair.c ../../editions/surface.c ../../editions/background.c"
flags="-std=gnu11 -O3 -D_GNU_SOURCE -DWINNOW_LIBDIR=\"/nowhere\""
libs="-lxxhash -licui18n -licuuc -lm"

# shellcheck disable=SC2086
{
    gcc $flags -march=native -ffast-math -fopenmp train_encoder.c corpus.c learn.c write_model.c \
        tables.c ../../text/features.c ../../text/utf8.c -o "$work/train_encoder" $libs
    gcc $flags add_background.c $text -o "$work/add_background" $libs
    gcc $flags dump_pairs.c $editions $text -o "$work/dump_pairs" $libs
}

/usr/bin/python3 prepare_corpus.py "$data" > "$work/corpus.tsv"
/usr/bin/python3 prepare_choice.py "$data" "$work/choice.tsv" "$work/background.tsv"
OMP_WAIT_POLICY=passive "$work/train_encoder" "$work/corpus.tsv" "$work/choice.tsv" "${minutes}m" \
    "$work/bare.wnm" "editions-$(date +%Y%m%d)" ${from:+"$from"}
"$work/add_background" "$work/bare.wnm" "$work/background.tsv" ../encoder.wnm
/usr/bin/python3 train_verifier.py "$data" "$work/dump_pairs" ../encoder.wnm "$work" \
    ../../editions/verifier_model.h
