import { Download, Keyboard } from 'lucide-react';
import { useMemo } from 'react';
import { api, useLoad } from '../data/api';
import { useTenant } from '../data/tenant';
import { exportForm } from '../exports/kinds';
import { useAddress } from '../ui/address';
import { LinkButton } from '../ui/button';
import { Select } from '../ui/field';
import { PageHead } from '../ui/page';
import { TabLinks } from '../ui/tabs';
import { AlertList } from './alert-list';
import css from './alerts.module.css';
import { asWords } from './evidence';
import { InstancePicker } from './instance-picker';
import { SEVERITIES } from './severity';
import type { Severity } from './severity';
import type { AlertFilter } from './use-inbox';
import { countIn, VIEWS, viewOf } from './views';

const DEFAULTS = { view: 'open', severity: '', type: '', instance: '', rule: '', alert: '', page: '1' };
const PAGE = 100;

/** What wants somebody's attention: worked through with the keys. The address holds drawer, filter and the open alert. */
export default function AlertsScreen() {
  const [address, set] = useAddress(DEFAULTS);
  const { severity, type, instance, rule } = address;
  const view = viewOf(address.view);
  const simulated = useTenant()?.simulated ?? false;
  const summary = useLoad(['/api/alerts/summary'], () => api.GET('/api/alerts/summary')).data?.data;
  const page = Math.max(1, Number(address.page) || 1);
  const filter = useMemo<AlertFilter>(
    () => ({
      limit: PAGE,
      page,
      ...view.query,
      ...(severity && { severity: severity as Severity }),
      ...(type && { alert_type: type }),
      ...(instance && { instance_id: instance }),
      ...(rule && { rule_id: Number(rule) }),
    }),
    [page, view, severity, type, instance, rule],
  );
  const filtered = severity !== '' || type !== '' || instance !== '' || rule !== '';
  const types = Object.keys(summary?.by_type ?? {}).sort();
  const only = (change: Partial<Record<keyof typeof DEFAULTS, string>>) => set({ page: null, alert: null, ...change });
  return (
    <>
      <PageHead title="Alerts" simulated={simulated}>
        <span className={css['keysHint']}>
          <Keyboard size={15} aria-hidden /> <kbd>j</kbd> <kbd>k</kbd> move <kbd>e</kbd> acknowledge <kbd>r</kbd>{' '}
          resolve <kbd>?</kbd> all keys
        </span>
        <LinkButton to={exportForm('alerts', filter)}>
          <Download size={15} aria-hidden /> Export
        </LinkButton>
        <LinkButton to="/alert-rules">Rules</LinkButton>
      </PageHead>
      <TabLinks
        label="Alerts by what became of them"
        tabs={VIEWS.map(({ id, title }) => ({
          title,
          to: linkTo(id, address),
          count: countIn(id, summary),
          current: id === view.id,
        }))}
      />
      <div className={css['filters']}>
        <Select
          label="Severity"
          value={severity as Severity | ''}
          options={[['', 'Every severity'], ...SEVERITIES.map((one) => [one, asWords(one)] as const)]}
          onChange={(to) => only({ severity: to })}
        />
        <Select
          label="Type"
          value={type}
          options={[
            ['', 'Every type'],
            ...[...new Set([...types, ...(type ? [type] : [])])].map((one) => [one, asWords(one)] as const),
          ]}
          onChange={(to) => only({ type: to })}
        />
        <InstancePicker
          single
          label="Every instance"
          chosen={/^\d+$/.test(instance) ? [Number(instance)] : []}
          onChoose={([id]) => only({ instance: id === undefined ? '' : String(id) })}
        />
        {rule && <span className={css['filterNote']}>Only of rule {rule}</span>}
        {filtered && (
          <button
            type="button"
            className={css['textButton']}
            onClick={() => only({ severity: '', type: '', instance: '', rule: '' })}
          >
            Clear the filters
          </button>
        )}
      </div>
      <AlertList
        key={JSON.stringify(filter)}
        filter={filter}
        view={view.id}
        filtered={filtered}
        open={/^\d+$/.test(address.alert) ? Number(address.alert) : null}
        onOpen={(id) => set({ alert: id === null ? null : String(id) }, { push: id !== null && address.alert === '' })}
        onPage={(to) => set({ page: String(to), alert: null }, { push: true })}
      />
    </>
  );
}

/** The same filters in another drawer. */
function linkTo(view: string, { severity, type, instance, rule }: Readonly<Record<string, string>>): string {
  const kept = Object.entries({ view: view === 'open' ? '' : view, severity, type, instance, rule });
  const search = new URLSearchParams(kept.filter((pair): pair is [string, string] => Boolean(pair[1]))).toString();
  return search ? `/alerts?${search}` : '/alerts';
}
