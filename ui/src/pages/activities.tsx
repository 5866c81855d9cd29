// Sessions and users: the same list twice, and one session or one user when the URL names it.
import { useCallback, useId, useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import { readActivityPage } from '../model/activity';
import { columnToIndex, parseQueryError } from '../model/caret';
import { formatCount } from '../model/format';
import { apiPath, pagePath, readSearchState, type SearchState } from '../model/spans_url';
import { ActivityTable } from '../parts/activity_table';
import { QueryErrors } from '../parts/query_errors';
import { RangePicker } from '../parts/range_picker';
import { SearchBox } from '../parts/search_box';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { navigate, useSearch } from '../router';
import { SessionPage } from './session';
import { UserPage } from './user';

const kRows = 50;
const kPoll_ms = 15_000;

export function SessionsPage() {
  const [params] = useSearch();
  const id = params.get('id') ?? '';
  return id === '' ? <List kind="session" /> : <SessionPage key={id} id={id} />;
}

export function UsersPage() {
  const [params] = useSearch();
  const id = params.get('id') ?? '';
  return id === '' ? <List kind="user" /> : <UserPage key={id} id={id} />;
}

function List({ kind }: { kind: 'session' | 'user' }) {
  const what = `${kind}s` as const;
  const [params] = useSearch();
  const search = params.toString();
  const state = useMemo(() => readSearchState(search), [search]);
  const [offset, setOffset] = useState(0);
  const errorId = useId();
  const path = useCallback(
    () => apiPath(what, state, { limit: String(kRows), offset: offset === 0 ? '' : String(offset) }),
    [what, state, offset],
  );
  const answer = useResource<unknown>(path, { topics: ['metrics'], poll_ms: kPoll_ms, paused: state.range.kind === 'fixed', bridge: true });
  const page = useMemo(() => (answer.data === null ? null : readActivityPage(answer.data, what)), [answer.data, what]);
  const show = (next: Partial<SearchState>): void => {
    setOffset(0);
    navigate(pagePath(`/${what}`, { ...state, ...next }));
  };
  const failed = answer.error?.kind === 'invalid' ? answer.error.messages : null;
  const column = failed?.[0] ? parseQueryError(failed[0]).column : null;
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>{kind === 'session' ? 'Sessions' : 'Users'}</h1>
        <RangePicker range={state.range} onChange={(range) => show({ range })} />
      </div>
      <SearchBox
        query={state.query}
        label={`Search ${what} by their LLM spans`}
        onRun={(query) => (query.trim() === state.query ? answer.reload() : show({ query }))}
        facets={[]}
        invalid={failed !== null}
        describedBy={failed ? errorId : undefined}
        cursorAt={column === null ? null : columnToIndex(state.query, column)}
      />
      {failed ? (
        <QueryErrors id={errorId} query={state.query} errors={failed.length > 0 ? failed : ['The query was refused without a reason.']} />
      ) : (
        <section className="panel" aria-label={what} aria-busy={answer.loading}>
          <StaleNotice error={page ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
          {page?.warnings.map((warning) => (
            <p key={warning} className="notice notice-warn">
              {warning}
            </p>
          ))}
          {page ? (
            page.items.length > 0 ? (
              <ActivityTable items={page.items} kind={kind} withUser={kind === 'session'} />
            ) : (
              <EmptyState title={offset > 0 ? `No more ${what}` : `No ${what} in this time range`}>
                A {kind} is there as soon as an LLM span names it with <code>{kind === 'session' ? 'session_id' : 'usr.id'}</code>.
              </EmptyState>
            )
          ) : answer.error ? (
            <ErrorState error={answer.error} what={`loading ${what}`} retry={answer.reload} />
          ) : (
            <Loading what={what} rows={8} />
          )}
          {page && (offset > 0 || page.more) && (
            <div className="pager">
              <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - kRows))}>
                Previous
              </button>
              <span>
                {formatCount(offset + 1)} to {formatCount(offset + page.items.length)}
              </span>
              <button type="button" disabled={!page.more} onClick={() => setOffset(offset + kRows)}>
                Next
              </button>
            </div>
          )}
        </section>
      )}
    </>
  );
}
