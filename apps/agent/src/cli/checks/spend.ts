import { accessSync, constants, statSync } from 'node:fs';
import { secretOf, sourceName } from '../../spend/settings.js';
import type { SpendSettings } from '../../spend/settings.js';
import { codeOf, fail, ok, warn } from './check.js';
import type { Check } from './check.js';

/** Whether the key of each source of costs is where the configuration says, and nobody else may read it. */
export function spendKeys(spend: readonly SpendSettings[]): Check[] {
  return spend.flatMap((entry) => {
    const file = secretOf(entry)?.file;
    return file === undefined ? [] : [keyFile(sourceName(entry), file)];
  });
}

function keyFile(name: string, path: string): Check {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    return codeOf(error) === 'ENOENT'
      ? fail(name, `Its key should be in ${path}, which is not there.`, `write the key there: ${path}`)
      : fail(name, `This user may not read its key in ${path}.`, 'let the user that the agent runs as own it');
  }
  const stat = statSync(path);
  if ((stat.mode & 0o044) !== 0) {
    return warn(name, `Other users may read its key in ${path}.`, `chmod 0600 ${path}`);
  }
  return ok(name, `Its key is in ${path}. Whether the provider takes it, "status" says.`);
}
