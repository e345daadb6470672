import { ListFilter, X } from 'lucide-react';
import { Popover } from '@base-ui/react/popover';
import { useState } from 'react';
import { api, useLoad } from '../data/api';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { money } from '../ui/format';
import kit from '../ui/kit.module.css';
import overlay from '../ui/overlay.module.css';
import { Loading } from '../ui/states';
import css from './costs.module.css';
import { DIMENSIONS, chipsOf, narrowed, valueWords } from './groups';
import type { CostFilters } from './groups';
import type { ApiCostQuery } from './use-costs';

interface Props {
  readonly filters: CostFilters;
  readonly setFilters: (filters: CostFilters) => void;
  readonly query: ApiCostQuery;
}

/** What the numbers are limited to; each can be taken away, and more added. */
export function Filters({ filters, setFilters, query }: Props) {
  const [open, setOpen] = useState(false);
  const chips = chipsOf(filters);
  return (
    <div className={css['filters']} role="group" aria-label="Filters">
      {chips.map(({ key, dimension, value, without }) => (
        <span key={key} className={css['chip']}>
          <span className={css['soft']}>
            <bdi>{dimension}</bdi>
          </span>
          <bdi title={value}>{value}</bdi>
          <button type="button" aria-label={`Take away ${dimension}: ${value}`} onClick={() => setFilters(without)}>
            <X size={13} aria-hidden />
          </button>
        </span>
      ))}
      <Popover.Root open={open} onOpenChange={(to) => setOpen(to)}>
        <Popover.Trigger render={<Button look="quiet" className={css['addFilter']} />}>
          <ListFilter size={15} aria-hidden /> Filter
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner sideOffset={6} align="start" style={{ zIndex: 30 }}>
            <Popover.Popup className={`${overlay['menu']} ${kit['popup']} ${css['filterPopup']}`}>
              <Popover.Title render={<h2 />}>Only …</Popover.Title>
              <Values
                query={query}
                onValue={(by, value) => {
                  setFilters(narrowed(filters, by, value));
                  setOpen(false);
                }}
              />
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
      {chips.length > 1 && (
        <Button look="quiet" className={css['addFilter']} onClick={() => setFilters({})}>
          Take all away
        </Button>
      )}
    </div>
  );
}

interface ValuesProps {
  readonly query: ApiCostQuery;
  readonly onValue: (by: string, value: string | null) => void;
}

function Values({ query, onValue }: ValuesProps) {
  const [by, setBy] = useState('service');
  const dimensions = useDimensions(query);
  const groups = useLoad(['/api/costs', 'breakdown', query, by, 200], () =>
    api.GET('/api/costs/breakdown', { params: { query: { ...query, by, limit: 200 } } }),
  );
  return (
    <>
      <SelectField label="Dimension" value={by} options={dimensions} onChange={setBy} />
      {groups.isPending && <Loading lines={4} />}
      <ul className={css['values']} aria-label="Values">
        {groups.data?.data.groups.map(({ value, name, total_cost }) => (
          <li key={value ?? ' '}>
            <button type="button" onClick={() => onValue(by, value)}>
              <bdi>{valueWords(by, value, name)}</bdi>
              <span className={css['soft']}>{money(total_cost, groups.data.data.currency)}</span>
            </button>
          </li>
        ))}
        {groups.data?.data.groups.length === 0 && <li className={css['soft']}>Nothing was charged in these days.</li>}
      </ul>
    </>
  );
}

/** What can be grouped by here: the fixed ones, and the keys of tags that charges have, those of people first. */
export function useDimensions(query: ApiCostQuery): readonly (readonly [string, string])[] {
  const keys = useLoad(['/api/costs', 'tag-keys', query], () => api.GET('/api/costs/tag-keys', { params: { query } }), {
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
  const tags = keys.data?.data.keys.slice(0, 40).map(({ tag_key }) => [`tag:${tag_key}`, `Tag: ${tag_key}`] as const);
  return [...DIMENSIONS.map(([name, words]) => [name, words] as const), ...(tags ?? [])];
}
