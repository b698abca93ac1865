/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trials: programs that try the kernel's part, all of them in one file.
 * The root file system is in RAM, and sixteen C libraries took 11 MiB of every
 * node's memory.
 */
#ifndef TRIALS_H
#define TRIALS_H

/* Each is the main() of the program of its name, in the file of its name. */
int appetite_main(int argc, char **argv);
int clocks_main(int argc, char **argv);
int code32_main(int argc, char **argv);
int crash_main(int argc, char **argv);
int deep_main(int argc, char **argv);
int errand_main(int argc, char **argv);
int forked_main(int argc, char **argv);
int freeze_main(int argc, char **argv);
int fuzz_main(int argc, char **argv);
int hasty_main(int argc, char **argv);
int heir_main(int argc, char **argv);
int holder_main(int argc, char **argv);
int mmfuzz_main(int argc, char **argv);
int mute_main(int argc, char **argv);
int onlooker_main(int argc, char **argv);
int ordinary_main(int argc, char **argv);
int pagemap_main(int argc, char **argv);
int pair_main(int argc, char **argv);
int readonly_main(int argc, char **argv);
int requests_main(int argc, char **argv);
int reserve_main(int argc, char **argv);
int role_main(int argc, char **argv);
int scatter_main(int argc, char **argv);
int selfcheck_main(int argc, char **argv);
int straddle_main(int argc, char **argv);
int tamper_main(int argc, char **argv);
int threads_main(int argc, char **argv);
int wide_main(int argc, char **argv);

#endif
