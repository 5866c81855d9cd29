import type { Activity } from '../model/activity';
import { formatCount, formatValue } from '../model/format';
import { userPath } from '../model/spans_url';
import { Link } from '../router';
import { CostText, Injection } from './activity_table';
import { Label } from './plain';
import { TimeText } from './time_text';

// What a session or a user did in all, in a line.
export function ActivityStrip({ activity, sessions }: { activity: Activity; sessions?: number }) {
  return (
    <dl className="strip" data-testid="activity">
      {activity.blocked && (
        <div>
          <dt>State</dt>
          <dd className="tone-bad">blocked</dd>
        </div>
      )}
      {sessions === undefined && activity.user_id !== '' && (
        <div>
          <dt>User</dt>
          <dd>
            <Link to={userPath(activity.user_id)}>
              <Label text={activity.user_id} max={60} />
            </Link>
          </dd>
        </div>
      )}
      <div>
        <dt>First seen</dt>
        <dd>
          <TimeText time_s={activity.first_s} form="clock" />
        </dd>
      </div>
      <div>
        <dt>Last seen</dt>
        <dd>
          <TimeText time_s={activity.last_s} form="both" />
        </dd>
      </div>
      {sessions !== undefined && (
        <div>
          <dt>Sessions</dt>
          <dd>{formatCount(sessions)}</dd>
        </div>
      )}
      <div>
        <dt>LLM calls</dt>
        <dd>{formatCount(activity.llm_calls)}</dd>
      </div>
      <div>
        <dt>Tokens</dt>
        <dd>
          {formatValue(activity.input_tokens)} in, {formatValue(activity.output_tokens)} out
        </dd>
      </div>
      <div>
        <dt>Cost</dt>
        <dd>
          <CostText activity={activity} />
        </dd>
      </div>
      <div>
        <dt>Highest prompt injection</dt>
        <dd>
          <Injection activity={activity} />
        </dd>
      </div>
      <div>
        <dt>Errors</dt>
        <dd className={activity.errors > 0 ? 'tone-bad' : ''}>{activity.errors > 0 ? formatCount(activity.errors) : 'none'}</dd>
      </div>
      {activity.models.length > 0 && (
        <div>
          <dt>{activity.models.length === 1 ? 'Model' : 'Models'}</dt>
          <dd>
            <Label text={activity.models.slice(0, 4).join(', ')} max={120} />
          </dd>
        </div>
      )}
    </dl>
  );
}
