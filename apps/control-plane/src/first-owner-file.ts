import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Keeps a made-up first password in the data folder until its owner has logged in, so that a start which is cut short
 * before it was printed does not lock everybody out.
 */
export class FirstOwnerFile {
  readonly path: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'first-owner.txt');
  }

  keep(email: string, password: string): void {
    const text = `The first owner of this installation. This file goes at the first start after the first login.\n\n  ${email}\n  ${password}\n`;
    writeFileSync(this.path, text, { mode: 0o600 });
  }

  /** @param hasLoggedIn the file is needed no more */
  tidy(hasLoggedIn: boolean): void {
    if (hasLoggedIn) rmSync(this.path, { force: true });
  }

  get exists(): boolean {
    return existsSync(this.path);
  }
}
