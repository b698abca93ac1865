// SPDX-License-Identifier: MIT
import test from 'ava';
import type { BuiltTestbed, RunningTestbed, ScopedTestbed, Testbed } from 'elasticos-testbed';

/*
 * What a testbed cannot do in a state is no method of that state. The compiler does the work: each constant has the type
 * `true` or `false`, and no other value is taken.
 */
type Can<State, Verb extends PropertyKey> = Verb extends keyof State ? true : false;

test('a testbed that nobody has brought up has no nodes', (t) => {
  const canBuild: Can<Testbed, 'build'> = true;
  const hasNodes: Can<Testbed, 'nodes'> = false;
  const canName: Can<Testbed, 'node'> = false;
  t.deepEqual([canBuild, hasNodes, canName], [true, false, false]);
});

test('what is built can be brought up, and has no nodes before', (t) => {
  const canUp: Can<BuiltTestbed, 'up'> = true;
  const hasNodes: Can<BuiltTestbed, 'nodes'> = false;
  const canEnd: Can<BuiltTestbed, 'down'> = false;
  t.deepEqual([canUp, hasNodes, canEnd], [true, false, false]);
});

test('what is up has nodes, and is not brought up again', (t) => {
  const hasNodes: Can<RunningTestbed, 'nodes'> = true;
  const canUp: Can<RunningTestbed, 'up'> = false;
  t.deepEqual([hasNodes, canUp], [true, false]);
});

test('only a testbed that was brought up here can be bound to a scope, until it is detached', (t) => {
  const scoped: Can<ScopedTestbed, typeof Symbol.asyncDispose> = true;
  const attached: Can<Awaited<ReturnType<Testbed['attach']>>, typeof Symbol.asyncDispose> = false;
  const detached: Can<Awaited<ReturnType<ScopedTestbed['detach']>>, typeof Symbol.asyncDispose> = false;
  t.deepEqual([scoped, attached, detached], [true, false, false]);
});
