/* SPDX-License-Identifier: Apache-2.0 */
#include "suggest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 48 };

static int min3(int a, int b, int c)
{
    int m = a < b ? a : b;
    return m < c ? m : c;
}

/* The optimal string alignment distance, case aside. */
static int distance(const char *a, const char *b)
{
    int n = (int)strlen(a), m = (int)strlen(b);
    int row[3][LONGEST + 1];
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
            now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                cb == tolower((unsigned char)a[i - 2]) && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return row[n % 3][m];
}

const char *suggest(const char *word, const char *const *list)
{
    size_t n = strlen(word);
    if (!n || n > LONGEST)
        return NULL;
    const char *best = NULL;
    int least = n <= 3 ? 2 : n <= 6 ? 3 : 4; /* nearer than this is a slip */
    for (; *list; list++) {
        if (strlen(*list) > LONGEST)
            continue;
        int d = distance(word, *list);
        if (d < least) {
            least = d;
            best = *list;
        }
    }
    return best;
}
