import { Button } from '../ui/button';
import { ShowCurl } from '../ui/show-curl';
import css from './alerts.module.css';
import type { useInbox } from './use-inbox';

/** What can be done with all that are selected. */
export function BulkBar({ inbox }: { readonly inbox: ReturnType<typeof useInbox> }) {
  const { selected, act, clear, busy } = inbox;
  return (
    <div className={css['bulk']} role="region" aria-label="Selected alerts">
      <strong>{selected.size} selected</strong>
      <Button busy={busy && 'Working …'} look="primary" onClick={() => act('acknowledge')}>
        Acknowledge <kbd>e</kbd>
      </Button>
      <Button disabled={busy} onClick={() => act('resolve')}>
        Resolve <kbd>r</kbd>
      </Button>
      <Button disabled={busy} onClick={() => act('ignore')}>
        Ignore <kbd>i</kbd>
      </Button>
      <ShowCurl
        method="POST"
        path="/api/alerts/bulk"
        body={{ operation: 'acknowledge', alert_ids: [...selected], comment: null }}
      />
      <Button look="quiet" onClick={clear}>
        Select none
      </Button>
    </div>
  );
}
