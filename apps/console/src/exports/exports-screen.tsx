import { Download } from 'lucide-react';
import { useRef, useState } from 'react';
import { sentenceOf } from '../data/api';
import { useMay } from '../data/role';
import { saveFile, streamsToDisk } from '../data/save-file';
import { useTenant } from '../data/tenant';
import { useAddress } from '../ui/address';
import { Button } from '../ui/button';
import { Copy } from '../ui/copy';
import { curlOf } from '../ui/curl';
import { CheckField, SelectField, TextField } from '../ui/field';
import { bytesOfMebibytes } from '../ui/format';
import kit from '../ui/kit.module.css';
import { Card, PageHead } from '../ui/page';
import { Empty } from '../ui/states';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import css from './exports.module.css';
import { FORMATS, KINDS, exportAddress } from './kinds';
import type { Format, Kind } from './kinds';

const EXTENSION: Readonly<Record<Format, string>> = { csv: 'csv', json: 'jsonl', pdf: 'pdf', focus: 'csv' };
const FILTERS = Object.fromEntries(KINDS.flatMap(({ filters }) => filters.map(({ name }) => [name, ''])));

/** What is here, as a file. */
export default function ExportsScreen() {
  const tenant = useTenant();
  const [address, set] = useAddress({ of: 'costs', format: 'csv', bom: '', first: '', last: '', ...FILTERS });
  const values: Readonly<Record<string, string>> = address;
  const mayAll = useMay('admin');
  const kind = KINDS.find(({ id }) => id === address.of) ?? KINDS[0]!;
  const format = kind.formats.find((one) => one === address.format) ?? 'csv';
  const path = exportAddress(kind, {
    format,
    bom: address.bom !== '',
    from: address.first,
    to: address.last,
    filters: values,
  });
  const refused = (kind.adminOnly ?? false) && !mayAll;
  return (
    <>
      <PageHead title="Exports" hint="What is here, as a file" simulated={tenant?.simulated ?? false} />
      <div className={css['page']}>
        <fieldset className={css['kinds']}>
          <legend className="visually-hidden">What to export</legend>
          {KINDS.map(({ id, title, about }) => (
            <label key={id} className={css['kind']} data-checked={id === kind.id}>
              <input type="radio" name="kind" checked={id === kind.id} onChange={() => set({ of: id })} />
              <span>{title}</span>
              <small>{about}</small>
            </label>
          ))}
        </fieldset>
        <Card title={kind.title} padded>
          {refused ? (
            <Empty title="Only administrators export the audit">
              <p>It says who did what, from where. Ask an administrator or an owner of the tenant.</p>
            </Empty>
          ) : (
            <div className={css['form']}>
              <div className={css['fields']}>
                <SelectField
                  label="Format"
                  value={format}
                  options={kind.formats.map((one) => [one, FORMATS[one]] as const)}
                  onChange={(to) => set({ format: to })}
                />
                {kind.period && (
                  <>
                    <TextField
                      label="From"
                      type="date"
                      hint="UTC day; empty: the usual period"
                      value={address.first}
                      onChange={(first) => set({ first })}
                    />
                    <TextField
                      label="To"
                      type="date"
                      hint="Included"
                      min={address.first}
                      value={address.last}
                      onChange={(last) => set({ last })}
                    />
                  </>
                )}
                {kind.filters.map(({ name, label, hint, options }) =>
                  options ? (
                    <SelectField
                      key={name}
                      label={label}
                      value={values[name] ?? ''}
                      options={options}
                      onChange={(value) => set({ [name]: value })}
                    />
                  ) : (
                    <TextField
                      key={name}
                      label={label}
                      hint={hint}
                      value={values[name] ?? ''}
                      onChange={(value) => set({ [name]: value })}
                    />
                  ),
                )}
              </div>
              {format === 'csv' && (
                <CheckField
                  label="Begin with a byte order mark"
                  hint="Older versions of Excel read names with accents only so."
                  checked={address.bom !== ''}
                  onChange={(on) => set({ bom: on ? '1' : '' })}
                />
              )}
              <Fetch key={kind.id} kind={kind} format={format} path={path} />
            </div>
          )}
        </Card>
      </div>
    </>
  );
}

function Fetch({ kind, format, path }: { readonly kind: Kind; readonly format: Format; readonly path: string }) {
  const [bytes, setBytes] = useState<number>();
  const [fault, setFault] = useState<string>();
  const abort = useRef<AbortController>(undefined);
  const size = (of: number) => bytesOfMebibytes(of / 1_048_576);
  const fetchFile = async () => {
    setFault(undefined);
    setBytes(0);
    abort.current = new AbortController();
    try {
      const all = await saveFile(path, `flotilla-${kind.id}.${EXTENSION[format]}`, setBytes, abort.current.signal);
      if (all !== undefined) toast.say(`The file is complete: ${all < 1_048_576 ? `${all} bytes` : size(all)}`);
    } catch (error) {
      if (!abort.current.signal.aborted) setFault(sentenceOf(error));
    } finally {
      setBytes(undefined);
    }
  };
  const command = curlOf({ method: 'GET', path }, window.location.origin);
  return (
    <>
      <div className={css['do']}>
        <Button
          look="primary"
          busy={bytes !== undefined && `Fetching … ${size(bytes)}`}
          onClick={() => void fetchFile()}
        >
          <Download size={15} aria-hidden /> Download {kind.title.toLowerCase()}
        </Button>
        {bytes !== undefined && <Button onClick={() => abort.current?.abort()}>Stop</Button>}
        <span className={ui['hint']}>
          {streamsToDisk()
            ? 'It is written to the file while it comes, whatever its size.'
            : 'This browser holds the whole file in memory first: fetch what is larger than 1 GiB by curl.'}
        </span>
      </div>
      {fault && (
        <p className={ui['fault']} role="alert">
          {fault}
        </p>
      )}
      <div className={css['command']}>
        <div className={css['commandHead']}>
          <h3>The same by curl</h3>
          <Copy text={command} label="the command" />
        </div>
        <pre className={kit['code']} tabIndex={0} aria-label="Command">
          {command}
        </pre>
        <p className={ui['hint']}>Good for a nightly job: FLOTILLA_API_KEY is a key that may read.</p>
      </div>
    </>
  );
}
