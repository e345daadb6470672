import pg from 'pg';
import { systemActor } from '@flotilla/persistence';
import { AuditJob } from '../../../apps/control-plane/src/audit/audit.job.js';
import { superuserUrl } from '../../support/database.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('the audit in the console', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page } = stage);
    await stage.app.db.write(systemActor(stage.app.tenantId, HOSTILE), async (tx) => {
      for (let i = 0; i < 60; i++) await tx.record('spec.ran', { type: 'spec', id: i }, { label: HOSTILE, i });
    });
    await seal();
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const seal = () => stage.app.app.get(AuditJob, { strict: false }).seal();
  const table = () => page.getByRole('region', { name: 'Audit' });

  it('says in one sentence that the record is as it was written', async () => {
    await stage.visit('/audit');
    await page.getByRole('heading', { name: 'The record is as it was written' }).waitFor();
    await page.getByText(/^All 6\d sealed rows are unchanged, none is missing/).waitFor();
    await page.getByRole('button', { name: 'How it is proved' }).click();
    expect(await page.getByLabel('Public key', { exact: true }).textContent()).toContain('BEGIN PUBLIC KEY');
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('finds rows, keeps the question in the address, and goes on to older ones', async () => {
    await page.getByLabel('What happened').fill('spec');
    await page.waitForURL(/type=spec/);
    await table().getByText(HOSTILE.slice(0, 30)).first().waitFor();
    expect(await table().getByRole('row').count()).toBe(51);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.waitForURL(/cursor=/);
    await table().getByText('spec 0').waitFor();
    expect(await table().getByRole('row').count()).toBe(11);
    await page.getByRole('button', { name: 'Newer' }).click();
    await table().getByText('spec 59').waitFor();
    await table().getByRole('button', { name: 'spec.ran' }).first().click();
    expect(await page.getByLabel('The row').textContent()).toContain('"i": 59');
    expect(await stage.faults()).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('names the first row that somebody with every right has changed', async () => {
    const url = new URL(superuserUrl());
    url.pathname = new URL(stage.app.databaseUrl).pathname;
    const owner = new pg.Client({ connectionString: url.href });
    await owner.connect();
    const { rows } = await owner.query<{ id: string }>(
      `SELECT id FROM flotilla.audit_log WHERE tenant_id = $1 AND event_type = 'spec.ran' ORDER BY id OFFSET 7 LIMIT 1`,
      [stage.app.tenantId],
    );
    const id = rows[0]!.id;
    await owner.query('SET session_replication_role = replica');
    await owner.query(`UPDATE flotilla.audit_log SET actor_label = 'mallory' WHERE id = $1`, [id]);
    await owner.end();
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.getByRole('heading', { name: `The record was tampered with: first at row ${id}` }).waitFor();
    await page.getByText(`Row ${id} was changed after it was written.`).waitFor();
    expect(await stage.faults()).toEqual([]);
  });
});
