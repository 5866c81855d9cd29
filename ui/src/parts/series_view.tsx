// A chart with its legend table: what the explorer, a monitor and an incident all show.
import { useMemo, useState } from 'react';
import type { QueryAnswer } from '../api/types';
import { formatCount, formatValue } from '../model/format';
import { pageOf } from '../model/monitors';
import { colourSlots, kSeriesDrawnMax, shapeQuery, type ShapedQuery } from '../model/series';
import { Chart, kPaletteSize, type ChartLine, type ChartMarker } from './chart';
import { Pager } from './pager';

interface SeriesViewProps {
  answer: QueryAnswer;
  from_s: number;
  to_s: number;
  height?: number;
  lines?: readonly ChartLine[];
  markers?: readonly ChartMarker[];
  onZoom?: (from_s: number, to_s: number) => void;
  rows?: number; // of the legend, per page
}

export function SeriesView({ answer, from_s, to_s, height, lines, markers, onZoom, rows = 50 }: SeriesViewProps) {
  const shaped = useMemo(() => shapeQuery(answer), [answer]);
  const labels = useMemo(() => shaped.series.map((s) => s.label), [shaped]);
  const colours = useMemo(() => colourSlots(labels, kPaletteSize), [labels]);
  const [hovered, setHovered] = useState<number | null>(null);
  const [pinned, setPinned] = useState<string | null>(null);
  const pinnedAt = pinned === null ? -1 : labels.indexOf(pinned);
  const highlighted = hovered ?? (pinnedAt >= 0 ? pinnedAt : null);
  const total = shaped.series.length;

  return (
    <>
      <Chart
        times={shaped.times}
        columns={shaped.columns}
        labels={labels}
        colours={colours}
        from_s={from_s}
        to_s={to_s}
        height={height}
        highlighted={highlighted}
        lines={lines}
        markers={markers}
        onZoom={onZoom}
        label={`Chart of ${total} series; the values are in the table below`}
      />
      {total > kSeriesDrawnMax && (
        <p className="notice notice-warn">
          {formatCount(total)} series; the {kSeriesDrawnMax} highest are drawn. Narrow the scope, or wrap the query in{' '}
          <code>top(…, 25, 'max', 'desc')</code>.
        </p>
      )}
      <Legend
        shaped={shaped}
        colours={colours}
        rows={rows}
        pinned={pinned}
        onHover={setHovered}
        onPin={(label) => setPinned((old) => (old === label ? null : label))}
      />
    </>
  );
}

interface LegendProps {
  shaped: ShapedQuery;
  colours: number[];
  rows: number;
  pinned: string | null;
  onHover: (index: number | null) => void;
  onPin: (label: string) => void;
}

function Legend({ shaped, colours, rows, pinned, onHover, onPin }: LegendProps) {
  const [filter, setFilter] = useState('');
  const [page, setPage] = useState(0);
  const needle = filter.trim().toLowerCase();
  const wanted = useMemo(() => {
    const indexed = shaped.series.map((series, index) => ({ series, index }));
    return needle === '' ? indexed : indexed.filter(({ series }) => series.label.toLowerCase().includes(needle));
  }, [shaped, needle]);
  const shown = pageOf(wanted, page, rows);

  return (
    <div className="legend">
      {shaped.series.length > 20 && (
        <input
          type="search"
          className="filter"
          placeholder={`Filter ${formatCount(shaped.series.length)} series`}
          aria-label="Filter the series"
          value={filter}
          onChange={(event) => {
            setFilter(event.target.value);
            setPage(0);
          }}
        />
      )}
      <div className="scroll">
        <table className="table legend-table" data-testid="legend">
          <thead>
            <tr>
              <th scope="col">Series</th>
              <th scope="col" className="num">
                Last
              </th>
              <th scope="col" className="num">
                Avg
              </th>
              <th scope="col" className="num">
                Max
              </th>
            </tr>
          </thead>
          <tbody onMouseLeave={() => onHover(null)}>
            {shown.rows.map(({ series, index }) => (
              <tr key={index} className={pinned === series.label ? 'pinned' : ''} onMouseEnter={() => onHover(index)}>
                <td className="legend-name">
                  <button
                    type="button"
                    className="legend-button"
                    aria-pressed={pinned === series.label}
                    title={series.expression}
                    onClick={() => onPin(series.label)}
                    onFocus={() => onHover(index)}
                    onBlur={() => onHover(null)}
                  >
                    <span
                      className="swatch"
                      style={{ background: `var(--s${index < kSeriesDrawnMax ? (colours[index] ?? 0) : 'none'})` }}
                    />
                    {series.label}
                  </button>
                </td>
                <td className="num" data-label="Last">
                  {formatValue(series.last)}
                </td>
                <td className="num" data-label="Avg">
                  {formatValue(series.avg)}
                </td>
                <td className="num" data-label="Max">
                  {formatValue(series.max)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {wanted.length === 0 && <p className="muted">No series matches this filter.</p>}
      <Pager page={shown.page} pages={shown.pages} total={wanted.length} what="series" onPage={setPage} />
    </div>
  );
}
