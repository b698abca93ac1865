// SPDX-License-Identifier: MIT
import test from 'ava';
import { firstError } from '../../../../testbed/products/kernel/compile/compile-error.js';

test('the first error is found under those that came after it, with a path from the source tree', (t) => {
  const found = firstError(
    [
      '  CC      mm/memory.o',
      '  CC      mm/swap.o',
      '/cache/source/mm/swap.c:10:2: warning: unused variable',
      "/cache/source/mm/swap.c: In function 'add':",
      "/cache/source/mm/swap.c:12:5: error: 'pgae' undeclared",
      '   12 |     pgae = 0;',
      '      |     ^~~~',
      '  CC      mm/mmap.o',
      'make[2]: *** [scripts/Makefile.build:250: mm/swap.o] Error 1',
      '/cache/source/mm/mmap.c:3:1: error: something else',
      'make[1]: *** [Makefile:2013: mm] Error 2',
    ],
    { '/cache/source/': '' },
  );
  t.is(found.text, "mm/swap.c:12:5: error: 'pgae' undeclared");
  t.is(found.excerpt[1], "mm/swap.c: In function 'add':");
  t.is(found.excerpt[3], '   12 |     pgae = 0;');
});

for (const line of [
  'mm/swap.c:5:10: fatal error: linux/gone.h: No such file or directory',
  'gcc: fatal error: Killed signal terminated program cc1',
  "mm/swap.s:12: Error: no such instruction: `mvo %eax'",
  "ld: mm/swap.o: in function `add': swap.c:(.text+0x5): undefined reference to `gone'",
  'ERROR: modpost: "gone" [hello.ko] undefined!',
  '/bin/sh: 1: bc: not found',
]) {
  test(`an error of its kind: ${line}`, (t) => {
    t.is(firstError(['  CC      mm/swap.o', line, 'make: *** [Makefile:1: all] Error 2'], {}).text, line);
  });
}

test("where no tool says what is wrong, make's first complaint is the error", (t) => {
  const complaint = "make[1]: *** No rule to make target 'gone.o', needed by 'built-in.a'.  Stop.";
  t.is(firstError(['  CC      a.o', complaint, 'make: *** [Makefile:1: all] Error 2'], {}).text, complaint);
});

test('warnings of the assembler are no errors', (t) => {
  const warning = 'bitops.h:319: Warning: no instruction mnemonic suffix given';
  const error = 'make: *** [Makefile:1: all] Error 2';
  t.is(firstError(['bitops.h: Assembler messages:', warning, error], {}).text, error);
});
