import { useEffect, useRef, useState } from 'react';
import type { DragEvent } from 'react';
import { FileUp } from 'lucide-react';
import { makeOld, sentenceOf } from '../data/api';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { CheckField, SelectField } from '../ui/field';
import { count, decimal, money, percent } from '../ui/format';
import { ShowCurl } from '../ui/show-curl';
import ui from '../ui/ui.module.css';
import css from './bills.module.css';
import { dayWords } from './cost-window';
import { Rejections } from './rejections';
import { importPath, uploadBill } from './upload';
import type { ImportOptions, ImportResult } from './upload';

const MODES = [
  ['merge', 'Add to what is known, and correct it'],
  ['replace', 'Make each bill exactly as the file has it'],
] as const;
const DATES = [
  ['iso', '2026-10-31, as FOCUS writes them'],
  ['mdy', '10/31/2026, month first'],
  ['dmy', '31/10/2026, day first'],
] as const;

/** A bill from a file: chosen, looked at without storing anything, then stored. */
export function BillImport({ onClose }: { readonly onClose: () => void }) {
  const [file, setFile] = useState<File>();
  const [options, setOptions] = useState<ImportOptions>({
    mode: 'merge',
    dates: 'iso',
    strict: false,
    shrink: false,
    dryRun: false,
  });
  const [share, setShare] = useState<number>();
  const [result, setResult] = useState<ImportResult>();
  const [fault, setFault] = useState<unknown>();
  const ended = useRef(new AbortController());
  useEffect(() => () => ended.current.abort(), []);
  const change = (more: Partial<ImportOptions>) => {
    setOptions({ ...options, ...more });
    setResult(undefined);
  };
  const choose = (chosen: File | undefined) => {
    setFile(chosen);
    setResult(undefined);
    setFault(undefined);
  };
  const send = async (dryRun: boolean) => {
    if (!file) return;
    setFault(undefined);
    setResult(undefined);
    setShare(0);
    ended.current = new AbortController();
    try {
      const answer = await uploadBill(file, { ...options, dryRun }, setShare, ended.current.signal);
      setResult(answer);
      if (!dryRun) await makeOld(['/api/costs', '/api/budgets', '/api/cost']);
    } catch (error) {
      setFault(error);
    } finally {
      setShare(undefined);
    }
  };
  const isBusy = share !== undefined;
  const isStored = result !== undefined && !result.dry_run;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title="Import a bill"
      description="A CSV in FOCUS 1.0 to 1.2, as it is or packed with gzip, at most 1 GiB. The same file twice changes nothing."
      footer={
        isStored ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            {file && <ShowCurl method="POST" path={importPath(file.name, options)} />}
            {isBusy ? (
              <Button onClick={() => ended.current.abort()}>Stop</Button>
            ) : (
              <Button disabled={!file} onClick={() => void send(true)}>
                Look at it first
              </Button>
            )}
            <Button look="primary" disabled={!file || isBusy} onClick={() => void send(false)}>
              {result?.dry_run ? `Store ${count(result.accepted + result.updated)} charges` : 'Import it'}
            </Button>
          </>
        )
      }
    >
      {!isStored && (
        <div className={css['form']}>
          <Choose file={file} onFile={choose} disabled={isBusy} />
          <SelectField
            label="What the file does"
            value={options.mode}
            options={MODES}
            disabled={isBusy}
            onChange={(mode) => change({ mode })}
            hint={
              options.mode === 'replace'
                ? 'Charges that the file lacks are taken out of its bills. Refused unless every row is right.'
                : 'For a file of any days; charges that it lacks stay.'
            }
          />
          <SelectField
            label="How it writes days"
            value={options.dates}
            options={DATES}
            disabled={isBusy}
            onChange={(dates) => change({ dates })}
          />
          {options.mode === 'merge' ? (
            <CheckField
              label="Store nothing if any row is not right"
              checked={options.strict}
              disabled={isBusy}
              onChange={(strict) => change({ strict })}
            />
          ) : (
            <CheckField
              label="A bill may have become shorter by more than a tenth"
              checked={options.shrink}
              disabled={isBusy}
              onChange={(shrink) => change({ shrink })}
            />
          )}
        </div>
      )}
      {share !== undefined && (
        <div className={css['progress']} role="status">
          <progress max={1} {...(share < 1 && { value: share })} aria-label="How much of the file has left" />
          <span className={ui['hint']}>
            {share < 1 ? `${percent(share * 100)} sent` : 'All of it is there; its rows are read and checked …'}
          </span>
        </div>
      )}
      {fault !== undefined && (
        <p className={ui['fault']} role="alert">
          {sentenceOf(fault)}
        </p>
      )}
      {result && <Result result={result} />}
    </Dialog>
  );
}

interface ChooseProps {
  readonly file: File | undefined;
  readonly onFile: (file: File | undefined) => void;
  readonly disabled: boolean;
}

function Choose({ file, onFile, disabled }: ChooseProps) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  return (
    <label
      className={css['drop']}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={22} aria-hidden />
      {file ? (
        <span>
          <bdi className="name">{file.name}</bdi> <span className={ui['hint']}>{decimal(file.size / 1e6, 2)} MB</span>
        </span>
      ) : (
        <span>Choose a file, or drop it here</span>
      )}
      <input
        type="file"
        accept=".csv,.gz,text/csv,application/gzip"
        className="visually-hidden"
        aria-label="File of the bill"
        disabled={disabled}
        onChange={(event) => onFile(event.target.files?.[0])}
      />
    </label>
  );
}

function Result({ result }: { readonly result: ImportResult }) {
  const { dry_run: dry, accepted, updated, duplicates, removed, rejected, first_day, last_day } = result;
  const parts = [
    [accepted, 'new'],
    [updated, 'corrected'],
    [duplicates, 'as they are known'],
    [removed, 'taken out'],
  ] as const;
  return (
    <div className={css['result']} role="status">
      <p>
        <Badge tone={rejected > 0 ? 'warn' : 'good'}>{dry ? 'nothing stored yet' : 'stored'}</Badge>{' '}
        {count(result.rows)} rows
        {first_day && last_day && ` of ${dayWords(first_day)} – ${dayWords(last_day)}`}:{' '}
        {parts
          .filter(([many]) => many > 0)
          .map(([many, words]) => `${count(many)} ${words}`)
          .join(', ') || 'nothing to store'}
        .
      </p>
      {result.bills.map((bill) => (
        <p
          key={`${bill.cloud_provider} ${bill.billing_account_id} ${bill.period_start} ${bill.currency}`}
          className={ui['hint']}
        >
          {bill.cloud_provider} <bdi>{bill.billing_account_id}</bdi>, from {dayWords(bill.period_start)}:{' '}
          {money(bill.billed_before, bill.currency)} in {count(bill.charges_before)} charges become{' '}
          {money(bill.billed_after, bill.currency)} in {count(bill.charges_after)}.
        </p>
      ))}
      {rejected > 0 && (
        <>
          <h3>
            {count(rejected)} rows are no charge and {dry ? 'would be' : 'were'} left out
          </h3>
          <Rejections rejections={result.rejections} rejected={rejected} />
        </>
      )}
    </div>
  );
}
