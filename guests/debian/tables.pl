# SPDX-License-Identifier: GPL-2.0-only
#
# Arrays and numbers, made, gone through in order again and again, and some of them sorted: perl tables.pl N

use strict;
use warnings;

my ($count) = @ARGV;
my $seed = 1;

sub number {
    my ($below) = @_;
    $seed = $seed * 16807 % 2147483647;
    return $seed % $below;
}

my @records = map { [$_, number(1000000)] } 1 .. $count;
for my $round (1 .. 6) {
    my $sum = 0;
    for my $record (@records) {
        $record->[1] = ($record->[1] * 3 + $round) % 1000003;
        $sum = ($sum * 31 + $record->[1]) % 2147483647;
    }
    print "pass $round $sum\n";
}
my %by_name = map { sprintf('%06d-%d', @{$records[$_ * 50]}) => $records[$_ * 50][1] } 0 .. $#records / 50;
print "$_ $by_name{$_}\n" for sort { $by_name{$a} <=> $by_name{$b} || $a cmp $b } keys %by_name;
