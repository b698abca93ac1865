// SPDX-License-Identifier: MIT
import test from 'ava';
import { onlyEmptyLines } from './empty-lines.js';

const PATCH = `From: somebody
Subject: [PATCH] hooks
---
 mm/Makefile | 1 +

diff --git a/mm/Makefile b/mm/Makefile
index 1..2 100644
--- a/mm/Makefile
+++ b/mm/Makefile
@@ -1,1 +1,2 @@
 obj-y += memory.o
+obj-y += elasticos.o
diff --git a/mm/memory.c b/mm/memory.c
index 1..2 100644
--- a/mm/memory.c
+++ b/mm/memory.c
@@ -7,3 +7,4 @@
 #include <linux/swap.h>
+#include <linux/elasticos.h>
 #include <linux/elf.h>
 
@@ -70,2 +71,4 @@
 	if (!entry)
-		return ret;
+		ret = 0;
+	if (entry)
+		return ret + 1;
diff --git a/mm/new.c b/mm/new.c
--- /dev/null
+++ b/mm/new.c
@@ -0,0 +1,1 @@
+int a;
`;

test('lines that come are empty, those that go stay, and what is not code is left out', (t) => {
  t.is(
    onlyEmptyLines(PATCH),
    `--- a/mm/memory.c
+++ b/mm/memory.c
@@ -7,3 +7,4 @@
 #include <linux/swap.h>
+
 #include <linux/elf.h>
 
@@ -70,2 +71,4 @@
 	if (!entry)
 		return ret;
+
+
`,
  );
});

test('a macro goes on behind an empty line in its midst', (t) => {
  const hunk = (line: string): string =>
    `--- a/a.h\n+++ b/a.h\n@@ -1,2 +1,3 @@\n #define A 1 + \\\n${line}\n 3\n`;
  t.is(onlyEmptyLines(hunk('+ 2 + \\')), hunk('+ \\'));
});

test('a hunk that takes more than it gives cannot be imitated', (t) => {
  t.throws(() => onlyEmptyLines('--- a/a.c\n+++ b/a.c\n@@ -1,2 +1,1 @@\n-int a;\n int b;\n'), {
    message: /more lines go than come/,
  });
});
