import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '../../../test/support/database.js';
import { Passwords } from './auth/index.js';
import { FirstOwnerFile } from './first-owner-file.js';
import { FirstOwnerService } from './tenants/index.js';

it('keeps a made-up first password where only the operator reads it, until its owner has logged in', async () => {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-owner-'));
  try {
    const file = new FirstOwnerFile(folder);
    const service = new FirstOwnerService(database.db, new Passwords());
    // the start is cut short right here: the file was written before the owner existed
    const made = await service.ensureFirstOwner({}, (email, password) => file.keep(email, password));
    expect(readFileSync(file.path, 'utf8')).toContain(`${made.email}\n  ${made.generatedPassword}\n`);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);

    const next = await service.ensureFirstOwner({}, () => {
      throw new Error('nothing is made up twice');
    });
    file.tidy(next.hasLoggedIn);
    expect(file.exists).toBe(true);

    await database.db.system((tx) => tx.rows('UPDATE flotilla.users SET last_login_at = now()'));
    file.tidy((await service.ensureFirstOwner()).hasLoggedIn);
    expect(file.exists).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await database.close();
  }
});
