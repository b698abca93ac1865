// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { TestbedError } from '../../testbed/base/error/testbed-error.js';
import { projectRoot, systemPaths } from '../../testbed/base/host/paths.js';
import { parseScenario, scenarioNames } from '../../testbed/experiment/scenario/load-scenario.js';
import { planScenario } from '../../testbed/experiment/scenario/plan.js';
import { changed, garbled } from './junk.js';
import { freshSeed, Random } from './random.js';

const SCENARIOS = 500;

test('a scenario with something odd in it is planned, or refused with an error of its own', async (t) => {
  const seed = freshSeed();
  const random = new Random(seed);
  const paths = systemPaths();
  const names = await scenarioNames({ paths });
  const texts = await Promise.all(
    names.map(async (name) => readFile(join(projectRoot(), 'scenarios', `${name}.json`), 'utf8')),
  );
  let planned = 0;
  for (let index = 0; index < SCENARIOS; index += 1) {
    const text = oddScenario(random, random.of(texts));
    try {
      planScenario(await parseScenario({ paths }, 'odd.json', text));
      planned += 1;
    } catch (thrown) {
      if (!(thrown instanceof TestbedError)) t.log(text.slice(0, 5000));
      t.true(thrown instanceof TestbedError, `seed ${seed}, scenario ${index}: ${String(thrown)}`);
      t.is((thrown as TestbedError).exitCode, 3);
    }
  }
  t.log(`seed ${seed}: ${planned} of ${SCENARIOS} were planned`);
  t.true(planned < SCENARIOS);
});

function oddScenario(random: Random, text: string): string {
  if (random.happens(0.3)) return garbled(random, text);
  let value: unknown = JSON.parse(text);
  for (let times = 1 + random.below(2); times > 0; times -= 1) value = changed(random, value);
  return JSON.stringify(value);
}
