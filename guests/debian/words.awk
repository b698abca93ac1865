# SPDX-License-Identifier: GPL-2.0-only
#
# Lines of words of a made-up language, always the same for a seed: awk -v lines=N -v seed=N -f words.awk
# Numbers are Lehmer's (Park and Miller 1988), which a double holds exactly. Each begins with a number, and the
# numbers nearly ascend, as in a log. Frequent words are short, as in a language.

function number(below) {
	seed = (seed * 16807) % 2147483647
	return int(seed / 2147483647 * below)
}

BEGIN {
	split("ba be bi bo du fa ga he ja ki lo ma mu na ne no pa ra ro sa se si ta te to va vo wa we zu", syllable, " ")
	for (w = 0; w < 4096; w++) {
		word[w] = ""
		for (length_ = 1 + int(w / 1024) + number(2); length_ > 0; length_--)
			word[w] = word[w] syllable[1 + number(30)]
	}
	for (l = 0; l < lines; l++) {
		line = sprintf("%07d", 10 * l + number(20000))
		for (count = 4 + number(8); count > 0; count--)
			line = line " " word[number(2) ? number(64) : number(4096)]
		print line
	}
}
