import { count } from '../ui/format';
import { Table } from '../ui/table';
import ui from '../ui/ui.module.css';
import type { ImportResult } from './upload';

interface Props {
  readonly rejections: ImportResult['rejections'];
  /** All of them, also those beyond what the answer tells. */
  readonly rejected: number;
}

/** Rows of a file that are no charge, by their line. */
export function Rejections({ rejections, rejected }: Props) {
  return (
    <>
      <Table
        label="Rows that were refused"
        rows={rejections.map((one, index) => ({ ...one, index }))}
        keyOf={({ index }) => index}
        columns={[
          { title: 'Line', number: true, cell: ({ line }) => count(line) },
          { title: 'Column', tight: true, cell: ({ column }) => (column === null ? 'the row' : <code>{column}</code>) },
          { title: 'What is wrong with it', cell: ({ error }) => <bdi className="name">{error}</bdi> },
        ]}
      />
      {rejected > rejections.length && (
        <p className={ui['hint']}>
          The first {count(rejections.length)} of {count(rejected)}. Mend these, and the next ones are told.
        </p>
      )}
    </>
  );
}
