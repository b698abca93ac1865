// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program may choose its instructions by: features that CPUID names, and
 * the components that XCR0 enables. A program looks once, at home, and computes
 * with what it has found wherever it is executed. Most instructions trap where
 * they are missing. Some compute something else: LZCNT and TZCNT are BSR and
 * BSF to a processor without them. So two machines must agree in all of them.
 *
 * CPUID is asked itself: the kernel's own words differ between versions, and
 * leave out what the kernel does not use. What concerns the kernel only, or the
 * speed of instructions, may differ.
 */

#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/processor.h>

#include "session.h"

enum eos_register {
	EOS_EAX,
	EOS_EBX,
	EOS_ECX,
	EOS_EDX,
	EOS_CPUID_REGISTERS
};

/* Where the words of the wire come from. */
static const struct {
	u32 leaf;
	u32 index;
	enum eos_register from;
} eos_words[EOS_CPU_WORDS] = {
	{ 0x1, 0, EOS_EDX },
	{ 0x1, 0, EOS_ECX },
	{ 0x7, 0, EOS_EBX },
	{ 0x7, 0, EOS_ECX },
	{ 0x7, 0, EOS_EDX },
	{ 0x7, 1, EOS_EAX },
	{ 0x80000001, 0, EOS_ECX },
	{ 0x80000001, 0, EOS_EDX },
	{ 0xd, 1, EOS_EAX },
};

/* Intel's manual, volume 2, CPUID, and AMD's, volume 3, appendix E. */
static const struct {
	u8 word;
	u8 bit;
	const char *name;	/* as in /proc/cpuinfo */
} eos_features[] = {
	{ 0, 0, "fpu" },	{ 0, 4, "tsc" },
	{ 0, 8, "cx8" },	{ 0, 15, "cmov" },
	{ 0, 19, "clflush" },	{ 0, 23, "mmx" },
	{ 0, 24, "fxsr" },	{ 0, 25, "sse" },
	{ 0, 26, "sse2" },
	{ 1, 0, "pni" },	{ 1, 1, "pclmulqdq" },
	{ 1, 9, "ssse3" },	{ 1, 12, "fma" },
	{ 1, 13, "cx16" },	{ 1, 19, "sse4_1" },
	{ 1, 20, "sse4_2" },	{ 1, 22, "movbe" },
	{ 1, 23, "popcnt" },	{ 1, 25, "aes" },
	{ 1, 27, "osxsave" },	{ 1, 28, "avx" },
	{ 1, 29, "f16c" },	{ 1, 30, "rdrand" },
	{ 2, 0, "fsgsbase" },	{ 2, 3, "bmi1" },
	{ 2, 4, "hle" },	{ 2, 5, "avx2" },
	{ 2, 8, "bmi2" },	{ 2, 11, "rtm" },
	{ 2, 14, "mpx" },	{ 2, 16, "avx512f" },
	{ 2, 17, "avx512dq" },	{ 2, 18, "rdseed" },
	{ 2, 19, "adx" },	{ 2, 21, "avx512ifma" },
	{ 2, 23, "clflushopt" }, { 2, 24, "clwb" },
	{ 2, 26, "avx512pf" },	{ 2, 27, "avx512er" },
	{ 2, 28, "avx512cd" },	{ 2, 29, "sha_ni" },
	{ 2, 30, "avx512bw" },	{ 2, 31, "avx512vl" },
	{ 3, 1, "avx512vbmi" },	{ 3, 4, "ospke" },
	{ 3, 5, "waitpkg" },	{ 3, 6, "avx512_vbmi2" },
	{ 3, 7, "shstk" },	{ 3, 8, "gfni" },
	{ 3, 9, "vaes" },	{ 3, 10, "vpclmulqdq" },
	{ 3, 11, "avx512_vnni" }, { 3, 12, "avx512_bitalg" },
	{ 3, 14, "avx512_vpopcntdq" }, { 3, 22, "rdpid" },
	{ 3, 25, "cldemote" },	{ 3, 27, "movdiri" },
	{ 3, 28, "movdir64b" },	{ 3, 29, "enqcmd" },
	{ 4, 2, "avx512_4vnniw" }, { 4, 3, "avx512_4fmaps" },
	{ 4, 8, "avx512_vp2intersect" }, { 4, 14, "serialize" },
	{ 4, 16, "tsxldtrk" },	{ 4, 20, "ibt" },
	{ 4, 22, "amx_bf16" },	{ 4, 23, "avx512_fp16" },
	{ 4, 24, "amx_tile" },	{ 4, 25, "amx_int8" },
	{ 5, 4, "avx_vnni" },	{ 5, 5, "avx512_bf16" },
	{ 5, 7, "cmpccxadd" },	{ 5, 21, "amx_fp16" },
	{ 5, 23, "avx_ifma" },
	{ 6, 0, "lahf_lm" },	{ 6, 5, "abm" },
	{ 6, 6, "sse4a" },	{ 6, 7, "misalignsse" },
	{ 6, 8, "3dnowprefetch" }, { 6, 11, "xop" },
	{ 6, 15, "lwp" },	{ 6, 16, "fma4" },
	{ 6, 21, "tbm" },
	{ 7, 11, "syscall" },	{ 7, 22, "mmxext" },
	{ 7, 25, "fxsr_opt" },	{ 7, 27, "rdtscp" },
	{ 7, 29, "lm" },	{ 7, 30, "3dnowext" },
	{ 7, 31, "3dnow" },
	{ 8, 0, "xsaveopt" },	{ 8, 1, "xsavec" },
	{ 8, 2, "xgetbv1" },
};

static bool eos_has_leaf(u32 leaf, u32 index)
{
	u32 eax, ebx, ecx, edx;

	cpuid(leaf & 0x80000000, &eax, &ebx, &ecx, &edx);
	if (eax < leaf)
		return false;
	if (leaf != 0x7 || !index)
		return true;
	cpuid_count(leaf, 0, &eax, &ebx, &ecx, &edx);
	return eax >= index;
}

static u32 eos_cpuid_word(unsigned int word)
{
	u32 value[EOS_CPUID_REGISTERS];

	if (!eos_has_leaf(eos_words[word].leaf, eos_words[word].index))
		return 0;
	cpuid_count(eos_words[word].leaf, eos_words[word].index,
		    &value[EOS_EAX], &value[EOS_EBX], &value[EOS_ECX],
		    &value[EOS_EDX]);
	return value[eos_words[word].from];
}

/* XCR0, which a program reads with the same instruction. */
static u64 eos_xcr0(void)
{
	u32 low, high;

	if (!(eos_cpuid_word(1) & BIT(27)))
		return 0;
	/* xgetbv, which the assembler of 2.6.38 may not know */
	asm volatile(".byte 0x0f, 0x01, 0xd0" : "=a" (low), "=d" (high) :
		     "c" (0));
	return (u64)high << 32 | low;
}

/**
 * eos_processor_fill - what programs see of this machine's processor
 * @processor: filled in
 */
void eos_processor_fill(struct eos_wire_processor *processor)
{
	unsigned int i;

	for (i = 0; i < EOS_CPU_WORDS; i++)
		processor->word[i] = cpu_to_le32(eos_cpuid_word(i));
	processor->reserved = 0;
	processor->xcr0 = cpu_to_le64(eos_xcr0());
}

/* Append to a list, as far as there is room. */
static void eos_list_name(char *names, size_t size, const char *sign,
			  const char *name)
{
	size_t length = strlen(names);

	snprintf(names + length, size - length, "%s%s%s", length ? ", " : "",
		 sign, name);
}

/**
 * eos_processor_differs - whether a program could tell two processors apart
 * @ours: this machine's
 * @theirs: another's
 * @names: what differs, such as "no abm, it has avx"; empty if nothing does
 * @size: of @names
 */
bool eos_processor_differs(const struct eos_wire_processor *ours,
			   const struct eos_wire_processor *theirs,
			   char *names, size_t size)
{
	unsigned int i;

	names[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(eos_features); i++) {
		unsigned int word = eos_features[i].word;
		u32 bit = BIT(eos_features[i].bit);
		u32 here = le32_to_cpu(ours->word[word]) & bit;
		u32 there = le32_to_cpu(theirs->word[word]) & bit;

		if (here != there)
			eos_list_name(names, size, here ? "no " : "it has ",
				      eos_features[i].name);
	}
	if (ours->xcr0 != theirs->xcr0)
		eos_list_name(names, size, "", "xcr0");
	return names[0];
}
