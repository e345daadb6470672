import { METRIC_CATALOGUE } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';

/** Writes the catalogue of libs/domain into flotilla.metric_names, for the views; names and units never change. */
export function writeMetricNames(db: Db): Promise<void> {
  return db.ingest(async (tx) => {
    await tx.rows(
      `INSERT INTO flotilla.metric_names AS n (metric, name, unit) SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[])
       ON CONFLICT (metric) DO NOTHING`,
      [METRIC_CATALOGUE.map((m) => m.id), METRIC_CATALOGUE.map((m) => m.name), METRIC_CATALOGUE.map((m) => m.unit)],
    );
  });
}
