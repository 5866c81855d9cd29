// What became of the spans of each client: received, accepted, stored, queryable, and what was dropped and why.
import { formatCount, formatSpan } from '../model/format';
import type { Proof, ProofRow } from '../model/ingest_proof';
import { pathLabel } from '../model/ingestion';
import { labelText } from '../model/plain_text';
import { Icon } from './icon';
import { Label } from './plain';
import { TimeText } from './time_text';

export function IngestProof({ proof }: { proof: Proof }) {
  const gap = proof.gap !== null && proof.gap.spans > 0 ? proof.gap : null;
  return (
    <section className={`panel stacked ${gap ? 'gap' : ''}`} aria-labelledby="proof-title" data-testid="proof">
      <h2 id="proof-title">Spans, from the client to a query</h2>
      {gap ? (
        <p className="notice notice-bad" role="alert">
          <strong>
            <Icon name="alert" /> {formatCount(gap.spans)} spans were accepted and cannot be queried
          </strong>
          {gap.oldest_s !== null && <>, the oldest for {formatSpan(gap.oldest_s)}</>}. Run <code>godseye doctor --ingest</code> for
          where they are.
        </p>
      ) : (
        proof.rows.length > 0 &&
        proof.gap !== null && (
          <p className="health-good">
            <Icon name="ok" /> Everything accepted can be queried, or is on its way.
          </p>
        )
      )}
      {proof.rows.length === 0 ? (
        <p className="muted">No span has arrived since the server started.</p>
      ) : (
        <div className="scroll">
          <table className="table cards">
            <thead>
              <tr>
                <th scope="col">Client and path</th>
                <th scope="col" className="num">
                  Received
                </th>
                <th scope="col" className="num">
                  Dropped
                </th>
                <th scope="col" className="num">
                  Accepted
                </th>
                <th scope="col" className="num">
                  Stored
                </th>
                <th scope="col" className="num">
                  Queryable
                </th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {proof.rows.map((row) => (
                <Row key={`${row.client} ${row.version} ${row.path}`} row={row} gap={gap !== null} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="muted note">
        Since the server started. Received is what was in the payloads; accepted is that less what was dropped; stored is on disk
        and answered; queryable is in the tables.
      </p>
    </section>
  );
}

function Row({ row, gap }: { row: ProofRow; gap: boolean }) {
  return (
    <tr>
      <th scope="row">
        <Label text={row.client === '' ? 'client not named' : `${row.client} ${row.version}`} max={60} />
        <small>
          <Label text={pathLabel(row.path)} max={60} />
        </small>
      </th>
      <td className="num" data-label="Received">
        {formatCount(row.received)}
        {row.lost > 0 && <small className="lost">{formatCount(row.lost)} unexplained</small>}
      </td>
      <td className="num" data-label="Dropped">
        <span className={row.dropped_total > 0 ? 'lost' : ''}>{formatCount(row.dropped_total)}</span>
        {row.dropped.slice(0, 6).map(([reason, count]) => (
          <small key={reason}>
            {labelText(reason.replace(/_/g, ' '), 40)} {formatCount(count)}
          </small>
        ))}
      </td>
      <td className="num" data-label="Accepted">
        {formatCount(row.accepted)}
        {row.refused > 0 && <small className="lost">{formatCount(row.refused)} refused, the client was told</small>}
      </td>
      <td className="num" data-label="Stored">
        {formatCount(row.stored)}
      </td>
      <td className="num" data-label="Queryable">
        <span className={gap && row.on_its_way > 0 ? 'lost' : ''}>{formatCount(row.queryable)}</span>
        {row.on_its_way > 0 && <small className={gap ? 'lost' : ''}>{formatCount(row.on_its_way)} {gap ? 'missing' : 'on their way'}</small>}
      </td>
      <td data-label="Last">
        <TimeText time_s={row.last_seen_s} />
      </td>
    </tr>
  );
}
