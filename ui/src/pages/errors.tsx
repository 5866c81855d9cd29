// Errors of spans, the same ones together: since when, how often, in which versions, and traces to look at.
import { useCallback, useId, useMemo } from 'react';
import { useResource } from '../api/resource';
import { readErrorGroups, type ErrorGroup } from '../model/activity';
import { columnToIndex, parseQueryError } from '../model/caret';
import { formatCount } from '../model/format';
import { labelText } from '../model/plain_text';
import { quoteValue } from '../model/search_query';
import { apiPath, pagePath, readSearchState, tracePath, type SearchState } from '../model/spans_url';
import type { TimeRange } from '../model/time_range';
import { Label, LongText } from '../parts/plain';
import { QueryErrors } from '../parts/query_errors';
import { RangePicker } from '../parts/range_picker';
import { SearchBox } from '../parts/search_box';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { Link, navigate, useSearch } from '../router';

const kPoll_ms = 15_000;
const kShownMax = 200;

export function ErrorsPage() {
  const [params, change] = useSearch();
  const search = params.toString();
  const state = useMemo(() => readSearchState(search), [search]);
  const chosen = params.get('fingerprint') ?? '';
  const errorId = useId();
  const path = useCallback(() => apiPath('errors', state), [state]);
  const answer = useResource<unknown>(path, { topics: ['metrics'], poll_ms: kPoll_ms, paused: state.range.kind === 'fixed', bridge: true });
  const page = useMemo(() => (answer.data === null ? null : readErrorGroups(answer.data)), [answer.data]);
  const show = (next: Partial<SearchState>): void => navigate(pagePath('/errors', { ...state, ...next }, { fingerprint: chosen }));
  const failed = answer.error?.kind === 'invalid' ? answer.error.messages : null;
  const column = failed?.[0] ? parseQueryError(failed[0]).column : null;
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Errors</h1>
        <RangePicker range={state.range} onChange={(range) => show({ range })} />
      </div>
      <SearchBox
        query={state.query}
        label="Search errors"
        onRun={(query) => (query.trim() === state.query ? answer.reload() : show({ query }))}
        facets={[]}
        invalid={failed !== null}
        describedBy={failed ? errorId : undefined}
        cursorAt={column === null ? null : columnToIndex(state.query, column)}
      />
      {failed ? (
        <QueryErrors id={errorId} query={state.query} errors={failed.length > 0 ? failed : ['The query was refused without a reason.']} />
      ) : (
        <>
          <StaleNotice error={page ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
          {page?.warnings.map((warning) => (
            <p key={warning} className="notice notice-warn">
              {warning}
            </p>
          ))}
          {page ? (
            <Groups
              groups={page.groups}
              chosen={chosen}
              range={state.range}
              onChoose={(fingerprint) => change((p) => (fingerprint === '' ? p.delete('fingerprint') : p.set('fingerprint', fingerprint)))}
              onWider={() => show({ range: { kind: 'last', seconds: 86400 } })}
            />
          ) : answer.error ? (
            <ErrorState error={answer.error} what="loading errors" retry={answer.reload} />
          ) : (
            <Loading what="errors" rows={8} />
          )}
        </>
      )}
    </>
  );
}

interface GroupsProps {
  groups: readonly ErrorGroup[];
  chosen: string;
  range: TimeRange;
  onChoose: (fingerprint: string) => void;
  onWider: () => void;
}

function Groups({ groups, chosen, range, onChoose, onWider }: GroupsProps) {
  const wider = (
    <button type="button" className="link" onClick={onWider}>
      Look at the last day
    </button>
  );
  if (groups.length === 0) {
    return <EmptyState title="No span failed in this time range">{wider}</EmptyState>;
  }
  const missing = chosen !== '' && !groups.some((group) => group.fingerprint === chosen);
  return (
    <>
      {missing && (
        <p className="notice notice-warn">The error of this link did not happen in this time range. {wider}</p>
      )}
      <ul className="error-groups" data-testid="errors">
        {groups.slice(0, kShownMax).map((group) => (
          <Group
            key={`${group.fingerprint} ${group.service}`}
            group={group}
            range={range}
            open={group.fingerprint === chosen}
            onToggle={() => onChoose(group.fingerprint === chosen ? '' : group.fingerprint)}
          />
        ))}
      </ul>
      {groups.length > kShownMax && <p className="muted note">and {formatCount(groups.length - kShownMax)} rarer ones: narrow the search.</p>}
    </>
  );
}

function Group({ group, range, open, onToggle }: { group: ErrorGroup; range: TimeRange; open: boolean; onToggle: () => void }) {
  const query = `status:error @error_fingerprint:${quoteValue(group.fingerprint)}`;
  return (
    <li className={`panel error-group ${open ? 'open' : ''}`}>
      <button type="button" className="error-head" aria-expanded={open} onClick={onToggle}>
        <span className="error-title">
          <strong className="tone-bad">
            <Label text={group.type || (group.message === '' ? 'Failed without a reason' : 'Error without a type')} max={120} />
          </strong>
          {group.regression && <span className="badge badge-bad">Came back</span>}
          <span className="tag">{labelText(group.service, 40)}</span>
        </span>
        <span className="error-message">
          <Label
            text={group.message || (group.type === '' ? 'The client marked these spans as failed and said nothing more.' : 'no message')}
            max={open ? 400 : 200}
          />
        </span>
        <span className="error-facts muted">
          <span>
            <strong>{formatCount(group.count)}</strong> {group.count === 1 ? 'time' : 'times'}
          </span>
          <span>
            last <TimeText time_s={group.last_s} />
          </span>
          <span>
            first <TimeText time_s={group.first_s} />
          </span>
          {group.versions.length > 0 && <Label text={`in ${group.versions.slice(-4).join(', ')}`} max={80} />}
          {group.users > 0 && (
            <span>
              {formatCount(group.users)} {group.users === 1 ? 'user' : 'users'}
            </span>
          )}
        </span>
      </button>
      {open && (
        <div className="error-body">
          <dl className="strip">
            <div>
              <dt>First seen</dt>
              <dd>
                <TimeText time_s={group.first_s} form="both" />
              </dd>
            </div>
            <div>
              <dt>Last seen</dt>
              <dd>
                <TimeText time_s={group.last_s} form="both" />
              </dd>
            </div>
            <div>
              <dt>Sessions</dt>
              <dd>{formatCount(group.sessions)}</dd>
            </div>
            <div>
              <dt>Versions</dt>
              <dd>{group.versions.length === 0 ? 'none named' : <Label text={group.versions.join(', ')} max={300} />}</dd>
            </div>
          </dl>
          {group.regression && <p className="notice notice-bad">It had been silent for a day or more, and came back in a version that had not shown it.</p>}
          <p className="span-links">
            {group.traces.map((trace_id, i) => (
              <Link key={`${trace_id} ${i}`} to={tracePath(trace_id)}>
                {i === 0 ? 'Newest trace' : `Trace ${i + 1}`}
              </Link>
            ))}
            <Link to={pagePath('/traces', { query, range })}>All its spans</Link>
          </p>
          {group.stack !== '' && <LongText text={group.stack} code />}
        </div>
      )}
    </li>
  );
}
