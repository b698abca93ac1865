# SPDX-License-Identifier: GPL-2.0-only
"""Lists and numbers, made, gone through in order again and again, and some of them sorted: python3 tables.py N"""

import sys


def numbers(limit, seed=1):
    while True:
        seed = seed * 16807 % 2147483647
        yield seed % limit


def main(count):
    records = [[i, number] for i, number in zip(range(count), numbers(1000000))]
    for turn in range(6):
        total = 0
        for record in records:
            record[1] = (record[1] * 3 + turn) % 1000003
            total = (total * 31 + record[1]) % 2147483647
        print("pass", turn, total)
    names = {f"{i:06}-{value}": value for i, value in records[::50]}
    for name in sorted(names, key=lambda name: (names[name], name)):
        print(name, names[name])


main(int(sys.argv[1]))
