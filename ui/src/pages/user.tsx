// One user: what they did in all, and their sessions.
import { useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import { activityRange, readUser, type Erased } from '../model/activity';
import { labelText } from '../model/plain_text';
import { quoteValue } from '../model/search_query';
import { idSegment, pagePath } from '../model/spans_url';
import { ActivityStrip } from '../parts/activity_strip';
import { ActivityTable } from '../parts/activity_table';
import { BlockNotice } from '../parts/block_notice';
import { Erase, ErasedNotice } from '../parts/erase';
import { Label } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { Link } from '../router';

export function UserPage({ id }: { id: string }) {
  const path = `/api/godseye/v1/users/${idSegment(id)}`;
  const [erased, setErased] = useState<Erased | null>(null);
  const answer = useResource<unknown>(erased ? null : path, { topics: ['metrics'] });
  // What somebody erased meanwhile is not shown any longer, although it is still here.
  const gone = erased !== null || answer.error?.kind === 'missing';
  const user = useMemo(() => (answer.data === null || gone ? null : readUser(answer.data)), [answer.data, gone]);
  return (
    <>
      <p className="crumb">
        <Link to="/users">Users</Link>
      </p>
      <div className="page-head">
        <h1 tabIndex={-1}>
          <Label text={id} />
        </h1>
        <Link to={pagePath('/traces', { query: `@usr.id:${quoteValue(id)}`, range: activityRange(user?.summary ?? null) })}>All their spans</Link>
      </div>
      <BlockNotice kind="user" value={id} />
      <StaleNotice error={user ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {erased ? (
        <ErasedNotice erased={erased} />
      ) : user ? (
        <>
          <ActivityStrip activity={user.summary} sessions={user.summary.sessions || user.sessions.length} />
          <section className="panel" aria-labelledby="sessions-title">
            <h2 id="sessions-title">Sessions</h2>
            {user.sessions.length > 0 ? (
              <ActivityTable items={user.sessions} kind="session" />
            ) : (
              <EmptyState title="No session names this user" />
            )}
          </section>
        </>
      ) : answer.error ? (
        <ErrorState error={answer.error} what={`loading user ${labelText(id, 40)}`} retry={answer.reload} />
      ) : (
        <Loading what="the user" rows={8} />
      )}
      {user && <Erase path={path} what="user" onDone={setErased} />}
    </>
  );
}
