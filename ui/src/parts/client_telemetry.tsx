import { useCallback, useState } from 'react';
import { useResource } from '../api/resource';
import type { QueryAnswer } from '../api/types';
import { clientRows, kTelemetryQuery, kTelemetryRange_s } from '../model/client_telemetry';
import { formatCount } from '../model/format';
import { pageOf } from '../model/monitors';
import { Pager } from './pager';
import { Label } from './plain';

const kRows = 20;

// Nothing while no client tells: most installations send it, and a panel about nothing is noise.
export function ClientTelemetry() {
  const [page, setPage] = useState(0);
  const path = useCallback(() => {
    const to = Math.floor(Date.now() / 1000);
    return `/api/v1/query?from=${to - kTelemetryRange_s}&to=${to}&query=${encodeURIComponent(kTelemetryQuery)}`;
  }, []);
  const answer = useResource<QueryAnswer>(path, { poll_ms: 60_000 });
  const rows = clientRows(answer.data);
  if (rows.length === 0) return null;
  const shown = pageOf(rows, page, kRows);
  return (
    <section className="panel stacked" aria-labelledby="telemetry-title">
      <h2 id="telemetry-title">DogStatsD clients about themselves, in the last hour</h2>
      <div className="scroll">
        <table className="table cards" data-testid="client-telemetry">
          <thead>
            <tr>
              <th scope="col">Client</th>
              <th scope="col">Transport</th>
              <th scope="col" className="num">
                Metrics
              </th>
              <th scope="col" className="num">
                Packets sent
              </th>
              <th scope="col" className="num">
                Dropped by the client
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((row) => (
              <tr key={`${row.client} ${row.version} ${row.transport}`}>
                <th scope="row">
                  <Label text={`${row.client} ${row.version}`} max={100} />
                </th>
                <td data-label="Transport">
                  <Label text={row.transport || '–'} max={40} />
                </td>
                <td className="num" data-label="Metrics">
                  {formatCount(Math.round(row.metrics))}
                </td>
                <td className="num" data-label="Packets sent">
                  {formatCount(Math.round(row.packets_sent))}
                </td>
                <td className="num" data-label="Dropped by the client">
                  <span className={row.packets_dropped > 0 ? 'lost' : ''}>{formatCount(Math.round(row.packets_dropped))}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager page={shown.page} pages={shown.pages} total={rows.length} what="clients" onPage={setPage} />
    </section>
  );
}
