import { Menu } from '@base-ui/react/menu';
import { Download, FileDown } from 'lucide-react';
import { useState } from 'react';
import { download } from '../data/save-file';
import { Button } from '../ui/button';
import { curlOf } from '../ui/curl';
import overlay from '../ui/overlay.module.css';
import { toast } from '../ui/toast';

const FORMATS = [
  ['csv', 'CSV', 'for spreadsheets'],
  ['focus', 'FOCUS 1.2', 'for cost tools'],
  ['pdf', 'PDF', 'a report'],
  ['json', 'JSON lines', 'for programs'],
] as const;

interface Props {
  readonly of: 'costs' | 'ai-spend';
  /** The filters of the screen: the file has what the screen shows. */
  readonly query: Readonly<Record<string, unknown>>;
}

/** The address of a file with the filters of a screen. */
export function exportPath(of: Props['of'], format: string, query: Props['query']): string {
  const search = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(query)) {
    // a file has every kind of cost in columns of its own
    if (name === 'cost_type' || value === undefined) continue;
    for (const one of [value].flat()) search.append(name, String(one));
  }
  return `/api/exports/${of}?${search}`;
}

export function ExportMenu({ of, query }: Props) {
  const [busy, setBusy] = useState(false);
  const fetchFile = async (format: string) => {
    setBusy(true);
    try {
      await download(exportPath(of, format, query));
    } catch (error) {
      toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
  const copyCurl = () =>
    navigator.clipboard
      .writeText(curlOf({ method: 'GET', path: exportPath(of, 'csv', query) }, window.location.origin))
      .then(() => toast.say('The command is copied; FLOTILLA_API_KEY is an API key that may read.'), toast.failed);
  return (
    <Menu.Root>
      <Menu.Trigger render={<Button busy={busy && 'Making the file …'} />}>
        <Download size={15} aria-hidden /> Export
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" style={{ zIndex: 30 }}>
          <Menu.Popup className={overlay['menu']}>
            {FORMATS.filter(([format]) => of === 'costs' || format !== 'focus').map(([format, name, purpose]) => (
              <Menu.Item key={format} className={overlay['menuItem']} onClick={() => void fetchFile(format)}>
                <span>
                  <FileDown size={14} aria-hidden /> {name}
                </span>
                <small>{purpose}</small>
              </Menu.Item>
            ))}
            <div className={overlay['menuLine']} role="separator" />
            <Menu.Item className={overlay['menuItem']} onClick={() => void copyCurl()}>
              Copy as curl
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
