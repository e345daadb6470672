import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testData } from '../nvidia-smi-replay/index.js';

const folder = join(testData(), 'provider-api');

/** Whether the collected answers of providers are on this machine; says in one line when they are not. */
export function haveProviderAnswers(): boolean {
  const there = existsSync(folder);
  if (!there) process.stdout.write(`skipped: no answers of providers under ${folder} (FLOTILLA_TEST_DATA)\n`);
  return there;
}

/** One collected file, `openai_organization_costs`; its answer stands under `response`. */
export function providerAnswer(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Record<string, unknown>;
}
