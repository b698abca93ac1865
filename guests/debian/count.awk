# SPDX-License-Identifier: GPL-2.0-only
#
# Keeps all lines, goes through them again and again, and counts their words.
{
	line[NR] = $0
	for (i = 2; i <= NF; i++)
		count[$i]++
}

END {
	for (round = 1; round <= 3; round++) {
		for (i = 1; i <= NR; i++)
			sum = (sum * 31 + length(line[i]) * round) % 1000003
		print "sum", sum
	}
	n = asorti(count, name)
	for (i = 1; i <= n; i++)
		print name[i], count[name[i]]
}
