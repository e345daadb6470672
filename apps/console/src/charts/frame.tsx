import { ChartColumn, Table2 } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../ui/button';
import ui from '../ui/ui.module.css';
import css from './frame.module.css';

/** The width of a box, followed as it changes. 0 until it is known. */
export function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  });
  return [box, width] as const;
}

interface Props {
  readonly label: string;
  readonly asTable: boolean;
  readonly onAsTable: (asTable: boolean) => void;
  readonly head: readonly string[];
  /** Made only when it is looked at. */
  readonly rows: () => readonly (readonly string[])[];
  readonly children: ReactNode;
}

/** A picture, and its numbers as a table on request. */
export function ChartTable({ label, asTable, onAsTable, head, rows, children }: Props) {
  return (
    <div className={css['frame']}>
      {asTable ? (
        <div className={`${ui['tableBox']} ${css['table']}`} tabIndex={0} role="region" aria-label={label}>
          <table className={ui['table']}>
            <thead>
              <tr>
                {head.map((title, i) => (
                  <th key={`${i} ${title}`} scope="col" className={i > 0 ? ui['number'] : undefined}>
                    <bdi>{title}</bdi>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows().map((cells, row) => (
                <tr key={row}>
                  {cells.map((cell, i) => (
                    <td key={i} className={i > 0 ? ui['number'] : ui['tight']}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        children
      )}
      <div className={css['toggle']}>
        <Button look="quiet" onClick={() => onAsTable(!asTable)}>
          {asTable ? <ChartColumn size={15} aria-hidden /> : <Table2 size={15} aria-hidden />}
          {asTable ? 'As a picture' : 'As a table'}
        </Button>
      </div>
    </div>
  );
}
