import { Bars } from '../charts/bars';
import { api, useLoad } from '../data/api';
import { money, percent } from '../ui/format';
import { Card } from '../ui/page';
import ui from '../ui/ui.module.css';
import { queryText, withParams } from './address';
import type { Costs } from './overview';

const MOST = 6;

/** How much cost has which tag: what is not tagged cannot be asked for by anybody. */
export function TagCoverage({ costs }: { readonly costs: Costs }) {
  const loaded = useLoad(
    ['/api/costs', 'tag-keys', costs.query],
    () => api.GET('/api/costs/tag-keys', { params: { query: costs.query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  ).data?.data;
  if (!loaded || loaded.total_cost <= 0) return null;
  const { keys, total_cost: total, currency } = loaded;
  return (
    <Card title="Tagged" hint="part of the cost that has the tag" padded>
      {keys.length === 0 ? (
        <p className={ui['hint']}>No charge of these days has a tag, so that nobody can be asked about it.</p>
      ) : (
        <Bars
          label="Part of the cost that has each tag"
          format={(value) => percent(value === null ? null : value * 100, 1)}
          items={keys.slice(0, MOST).map(({ tag_key, total_cost }) => ({
            label: tag_key,
            value: total_cost / total,
            note: `${money(total - total_cost, currency)} without it`,
            to: `/costs${queryText(withParams(costs.search, { by: `tag:${tag_key}` }))}`,
          }))}
        />
      )}
    </Card>
  );
}
