import { useNow } from '../api/resource';
import { formatAgo, formatClock, formatUtc } from '../model/format';

// A moment, as the age or the clock, always with the exact time on hover.
export function TimeText({ time_s, form = 'ago' }: { time_s: number | null; form?: 'ago' | 'clock' | 'both' }) {
  const now_s = useNow();
  if (time_s === null) return <span className="muted">–</span>;
  const clock = formatClock(time_s, now_s);
  const ago = formatAgo(time_s, now_s);
  return (
    <time dateTime={new Date(time_s * 1000).toISOString()} title={formatUtc(time_s)}>
      {form === 'ago' ? ago : form === 'clock' ? clock : `${clock} (${ago})`}
    </time>
  );
}

export function ChangedText({ time_s }: { time_s: number | null }) {
  if (time_s === null) return <>never changed</>;
  return (
    <>
      changed <TimeText time_s={time_s} />
    </>
  );
}
