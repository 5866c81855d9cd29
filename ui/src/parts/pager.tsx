import { formatCount } from '../model/format';

interface PagerProps {
  page: number; // from 0
  pages: number;
  total: number;
  what: string;
  onPage: (page: number) => void;
}

export function Pager({ page, pages, total, what, onPage }: PagerProps) {
  if (pages <= 1) return null;
  return (
    <div className="pager">
      <button type="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <span>
        Page {formatCount(page + 1)} of {formatCount(pages)} · {formatCount(total)} {what}
      </span>
      <button type="button" disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </div>
  );
}
