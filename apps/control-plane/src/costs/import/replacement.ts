import type { CostImport } from '@flotilla/contracts';
import type { WriteTx } from '@flotilla/persistence';
import type { z } from 'zod';
import { AppError } from '../../platform/index.js';

type Bill = z.input<typeof CostImport>['bills'][number];

/** What a delivery has at least of the charges that are known of a bill. Providers correct charges; a part lacks many. */
const LEAST_SHARE = 0.9;

export interface Removed {
  readonly n: number;
  readonly first_day: string | null;
  readonly last_day: string | null;
}

/**
 * Finds the bills of a file that is staged whole: provider, billing account and billing period. Refuses a file that cannot
 * be all of a bill. Providers deliver a period whole, and again and again until it is closed; what they split into parts, or what
 * broke off, would take out charges that are owed.
 *
 * @throws AppError VALIDATION_ERROR
 */
export async function billsOf(tx: WriteTx, tenantId: string, mayShrink: boolean): Promise<Bill[]> {
  const { n } = (await tx.row<{ n: number }>(WITHOUT_PERIOD))!;
  if (n > 0) {
    throw refused(
      `${n} ${n === 1 ? 'charge has' : 'charges have'} no BillingPeriodStart, so nobody can say which bill they replace. Import the file with mode=merge`,
    );
  }
  await tx.rows(FIND_BILLS);
  const [lost] = await tx.rows<{ bill: string; days: string[] }>(LOST_DAYS, [tenantId]);
  if (lost) {
    throw refused(
      `the bill ${lost.bill} is in the ledger with usage of ${lost.days.length} more ${lost.days.length === 1 ? 'day' : 'days'} (${lost.days.slice(0, 3).join(', ')}${lost.days.length > 3 ? ', …' : ''}). Is this an older delivery, or one of several parts?`,
    );
  }
  const bills = await tx.rows<Bill & Record<string, unknown>>(BILLS, [tenantId]);
  const shrunk = bills.find((bill) => bill.charges_after < LEAST_SHARE * bill.charges_before);
  if (shrunk && !mayShrink) {
    throw refused(
      `the bill of ${shrunk.cloud_provider}, account ${shrunk.billing_account_id ?? '(none)'}, ${shrunk.period_start}, has ${shrunk.charges_before} charges in the ledger and ${shrunk.charges_after} in the file. Is it one of several parts? Put them together; if the bill did become shorter, say shrink=true`,
    );
  }
  return bills;
}

/** Takes out what the ledger has of the bills and the file has not. To be called when the file is stored. */
export async function removeVanished(tx: WriteTx, tenantId: string): Promise<Removed> {
  return (await tx.row<Removed & Record<string, unknown>>(REMOVE, [tenantId]))!;
}

const refused = (why: string) =>
  new AppError('VALIDATION_ERROR', `The file replaces nothing: ${why}. Nothing of it was stored.`, {
    field: 'body',
    expected: 'a whole bill',
  });

const WITHOUT_PERIOD = `SELECT count(*)::integer AS n FROM pg_temp.cost_staging s WHERE s.billing_period_start IS NULL`;

const FIND_BILLS = `
  CREATE TEMPORARY TABLE cost_bills ON COMMIT DROP AS
  SELECT DISTINCT s.provider, coalesce(s.billing_account_id, '') AS account, s.billing_period_start FROM pg_temp.cost_staging s`;

/** Imported charges of the bills. A charge that came without a billing period is of none of them. */
const OF_BILLS = `
  flotilla.costs c JOIN pg_temp.cost_bills b
    ON c.tenant_id = $1 AND c.origin = 'bill' AND c.source = 'focus' AND c.provider = b.provider
   AND coalesce(c.billing_account_id, '') = b.account AND c.billing_period_start = b.billing_period_start`;

const DAY = `(s.charge_start AT TIME ZONE 'UTC')::date`;

/** Days on which a bill has usage in the ledger and none in the file: fees and credits come and go, a day of use does not. */
const LOST_DAYS = `
  SELECT concat_ws(', ', l.provider, nullif('account ' || l.account, 'account '), l.period) AS bill,
         array_agg(l.charge_day::text ORDER BY l.charge_day) AS days
    FROM (SELECT b.provider, b.account, (b.billing_period_start AT TIME ZONE 'UTC')::date::text AS period, c.charge_day
            FROM ${OF_BILLS} WHERE c.charge_category = 'Usage'
          EXCEPT
          SELECT s.provider, coalesce(s.billing_account_id, ''), (s.billing_period_start AT TIME ZONE 'UTC')::date::text, ${DAY}
            FROM pg_temp.cost_staging s WHERE s.charge_category = 'Usage') l
   GROUP BY l.provider, l.account, l.period ORDER BY 1 LIMIT 1`;

const BILLS = `
  WITH before AS (
    SELECT b.provider, b.account, b.billing_period_start, c.currency::text AS currency, count(*) AS n, sum(c.billed_cost) AS billed
      FROM ${OF_BILLS} GROUP BY 1, 2, 3, 4
  ), after AS (
    SELECT s.provider, coalesce(s.billing_account_id, '') AS account, s.billing_period_start, s.currency, count(*) AS n,
           sum(s.billed_cost) AS billed
      FROM pg_temp.cost_staging s GROUP BY 1, 2, 3, 4
  )
  SELECT provider AS cloud_provider, nullif(account, '') AS billing_account_id,
         (billing_period_start AT TIME ZONE 'UTC')::date::text AS period_start, currency,
         coalesce(before.n, 0)::integer AS charges_before, coalesce(before.billed, 0)::float8 AS billed_before,
         coalesce(after.n, 0)::integer AS charges_after, coalesce(after.billed, 0)::float8 AS billed_after
    FROM before FULL JOIN after USING (provider, account, billing_period_start, currency)
   ORDER BY 1, 2, 3, 4`;

const REMOVE = `
  WITH gone AS (
    DELETE FROM flotilla.costs d
     USING (SELECT c.id FROM ${OF_BILLS}
             WHERE NOT EXISTS (SELECT FROM pg_temp.cost_staging s WHERE s.record_key = c.record_key)) v
     WHERE d.tenant_id = $1 AND d.id = v.id
    RETURNING d.charge_day
  )
  SELECT count(*)::integer AS n, min(charge_day)::text AS first_day, max(charge_day)::text AS last_day FROM gone`;
