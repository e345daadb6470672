import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import kit from './kit.module.css';
import css from './ui.module.css';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Right-aligned. */
  readonly number?: boolean;
  /** Never broken into lines. */
  readonly tight?: boolean;
  /** What the address and the API call the order by this column. */
  readonly sort?: string;
  /** Its heading is told, not shown: a column of buttons. */
  readonly quiet?: boolean;
}

export interface Selection<Key> {
  readonly has: (key: Key) => boolean;
  readonly toggle: (key: Key, range: boolean) => void;
  readonly label: (key: Key) => string;
  /** Ticks or clears every row that is shown; the heading of the column has it. */
  readonly all?: { readonly label: string; readonly has: boolean; readonly toggle: () => void };
}

interface Props<Row, Key extends string | number> {
  /** What it is, for people who do not see it. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => Key;
  readonly columns: readonly Column<Row>[];
  /** `name` upwards, `-name` downwards. */
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
  readonly selection?: Selection<Key>;
  /** The row that the keys stand on, or whose details are open. */
  readonly current?: Key | undefined;
  readonly foot?: ReactNode;
}

export function Table<Row, Key extends string | number>(props: Props<Row, Key>) {
  const { label, rows, keyOf, columns, sort, onSort, selection, current, foot } = props;
  return (
    <div className={css['tableBox']} tabIndex={0} role="region" aria-label={label}>
      <table className={css['table']}>
        <thead>
          <tr>
            {selection && (
              <th scope="col" className={kit['tickColumn']}>
                {selection.all ? (
                  <input
                    type="checkbox"
                    aria-label={selection.all.label}
                    checked={selection.all.has}
                    onChange={selection.all.toggle}
                  />
                ) : (
                  <span className="visually-hidden">Selected</span>
                )}
              </th>
            )}
            {columns.map((column, i) => (
              <Head key={`${i} ${column.title}`} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row);
            return (
              <tr key={key} data-current={key === current} aria-current={key === current || undefined}>
                {selection && (
                  <td className={kit['tickColumn']}>
                    <input
                      type="checkbox"
                      aria-label={selection.label(key)}
                      checked={selection.has(key)}
                      onClick={(event) => selection.toggle(key, event.shiftKey)}
                      onChange={() => undefined}
                    />
                  </td>
                )}
                {columns.map((column, i) => (
                  <td key={`${i} ${column.title}`} className={look(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
        {foot !== undefined && <tfoot>{foot}</tfoot>}
      </table>
    </div>
  );
}

const look = ({ number = false, tight = false }: { readonly number?: boolean; readonly tight?: boolean }) =>
  number ? css['number'] : tight ? css['tight'] : undefined;

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sort: string | undefined;
  readonly onSort: ((sort: string) => void) | undefined;
}

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const { title, sort: name, quiet = false } = column;
  const up = name !== undefined && sort === name;
  const down = name !== undefined && sort === `-${name}`;
  return (
    <th scope="col" className={look(column)} aria-sort={up ? 'ascending' : down ? 'descending' : undefined}>
      {name === undefined || !onSort ? (
        <span className={quiet ? 'visually-hidden' : undefined}>{title}</span>
      ) : (
        <button type="button" className={css['sort']} onClick={() => onSort(up ? `-${name}` : name)}>
          {title} {up && <ArrowUp size={13} aria-hidden />} {down && <ArrowDown size={13} aria-hidden />}
        </button>
      )}
    </th>
  );
}
