import { formatClock } from '../model/format';
import { kPresets, sameRange, type TimeRange } from '../model/time_range';

export function RangePicker({ range, onChange }: { range: TimeRange; onChange: (range: TimeRange) => void }) {
  const now_s = Date.now() / 1000;
  return (
    <div className="segments" role="group" aria-label="Time range">
      {kPresets.map((preset) => {
        const value: TimeRange = { kind: 'last', seconds: preset.seconds };
        return (
          <button
            key={preset.label}
            type="button"
            aria-pressed={sameRange(range, value)}
            aria-label={preset.text}
            onClick={() => onChange(value)}
          >
            {preset.label}
          </button>
        );
      })}
      {range.kind === 'fixed' && (
        <span className="segments-fixed">
          {formatClock(range.from_s, now_s)} – {formatClock(range.to_s, now_s)}
        </span>
      )}
    </div>
  );
}
