# SPDX-License-Identifier: GPL-2.0-only
#
# C that takes a compiler some memory, preprocessed already: awk -v functions=N -f functions.awk

BEGIN {
	for (f = 0; f < functions; f++) {
		printf "struct s%d { int a, b[%d]; struct s%d *next; };\n", f, 1 + f % 13, f
		printf "int f%d(struct s%d *s, int n)\n{\n\tint i, sum = %d;\n", f, f, f * 7919 % 65537
		printf "\tfor (i = 0; i < n; i++) {\n\t\tsum += s->b[i %% %d] * %d;\n", 1 + f % 13, f % 97 + 2
		printf "\t\tswitch (sum & 7) {\n"
		for (c = 0; c < 8; c++)
			printf "\t\tcase %d: sum = (sum << %d) ^ %d; break;\n", c, (c + f) % 5 + 1, f * 31 + c
		printf "\t\t}\n\t\tif (s->next && sum > %d)\n\t\t\ts = s->next;\n\t}\n", f * 13
		if (f > 0)
			printf "\treturn n > 1 ? f%d((struct s%d *)s, n / 2) + sum : sum;\n}\n", f - 1, f - 1
		else
			printf "\treturn sum;\n}\n"
	}
}
