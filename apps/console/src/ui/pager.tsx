import { Button } from './button';
import { count } from './format';
import kit from './kit.module.css';
import css from './ui.module.css';

interface Props {
  readonly page: number;
  readonly limit: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
}

/** Left out where everything fits on one page. */
export function Pager({ page, limit, total, onPage }: Props) {
  if (total <= limit && page === 1) return null;
  return (
    <nav className={kit['pager']} aria-label="Pages">
      <span className={css['hint']} aria-live="polite">
        {count(Math.min((page - 1) * limit + 1, total))} to {count(Math.min(page * limit, total))} of {count(total)}
      </span>
      <span className={kit['grow']} />
      <Button disabled={page === 1} onClick={() => onPage(page - 1)}>
        Back
      </Button>
      <Button disabled={page * limit >= total} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
