// The fields of a monitor: what is watched, when it alerts, and how it tells. Values are texts as typed; what is wrong
// with one is said below it.
import type { ReactNode } from 'react';
import { kAggregators, kComparators, kMissing, kModes, kRenotifyStates, kWindows, groupKeys, queryOf, splitList, thresholdsOf, withGroupKeys, type Draft, type FieldName, type Mode, type OptionName, type ThresholdName } from '../model/monitor_draft';
import { Choice, Field } from './field';
import { QueryBox } from './query_box';
import { QueryErrors } from './query_errors';

export interface FieldsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  errors: Partial<Record<FieldName, string>>;
}

export function QueryFields({ draft, change, errors }: FieldsProps) {
  const metric = draft.mode === 'threshold' || draft.mode === 'change';
  const about = kModes.find((one) => one.mode === draft.mode)?.about ?? 'a query that this form does not take apart: it is kept as it is';
  return (
    <>
      <fieldset className="modes">
        <legend>Kind</legend>
        {[...kModes, ...(draft.mode === 'text' ? [{ mode: 'text' as Mode, label: draft.type || 'Other', about: '' }] : [])].map((one) => (
          <label key={one.mode} className={one.mode === draft.mode ? 'chosen' : ''}>
            <input type="radio" name="mode" checked={one.mode === draft.mode} onChange={() => change(switched(draft, one.mode))} />
            {one.label}
          </label>
        ))}
      </fieldset>
      <p className="muted">Alerts when {about}.</p>
      {metric ? <MetricFields draft={draft} change={change} errors={errors} /> : <TextQuery draft={draft} change={change} errors={errors} />}
    </>
  );
}

// Another kind begins with a query that shows its form.
function switched(draft: Draft, mode: Mode): Partial<Draft> {
  const examples: Partial<Record<Mode, string>> = {
    composite: '1 && 2',
    check: '"app.is_ok".over("*").by("host").last(4).count_by_status()',
    event: 'events("source:deploy status:error").rollup("count").last("5m") > 0',
  };
  const example = examples[mode];
  const keep = draft.mode === mode || (mode !== 'text' && example === undefined);
  const blank: Record<ThresholdName, string> = { critical: '', warning: '', critical_recovery: '', warning_recovery: '', ok: '', unknown: '' };
  const sameScale = (mode === 'threshold' || mode === 'change') && (draft.mode === 'threshold' || draft.mode === 'change');
  return keep ? { mode, thresholds: sameScale ? draft.thresholds : { ...blank, critical: draft.thresholds.critical } } : { mode, text: example ?? draft.text, thresholds: mode === 'check' ? { ...blank, critical: '3', warning: '2', ok: '1' } : { ...blank, critical: mode === 'event' ? '0' : '' } };
}

function MetricFields({ draft, change, errors }: FieldsProps) {
  const failed = errors.query;
  const whole = queryOf(draft);
  const keys = groupKeys(whole);
  const groupable = withGroupKeys(draft.expression, keys) !== null;
  // No `cursorAt`: it is judged while it is typed, and a cursor that jumps to the error scatters the next letters.
  return (
    <>
      <div className="field wide">
        <span className="field-name">Query</span>
        <QueryBox
          value={draft.expression}
          onChange={(expression) => change({ expression })}
          onRun={(expression) => change({ expression })}
          invalid={failed !== undefined}
          describedBy={failed ? 'monitor-query-error' : undefined}
        />
        {failed !== undefined && <QueryErrors id="monitor-query-error" query={whole} errors={[failed]} />}
      </div>
      <div className="field-row">
        {groupable && (
          <Field label="Grouped by" hint="One alert for each; nothing: one for all.">
            {(props) => (
              <GroupBy {...props} value={keys.join(', ')} onChange={(text) => change({ expression: withGroupKeys(draft.expression, splitList(text)) ?? draft.expression })} />
            )}
          </Field>
        )}
        {draft.mode === 'change' && (
          <Field label="Compared as">
            {(props) => (
              <Choice {...props} options={[{ value: 'pct_change', label: 'change in percent' }, { value: 'change', label: 'difference' }]} value={draft.change} onChange={(value) => change({ change: value as Draft['change'] })} />
            )}
          </Field>
        )}
        <Field label="Over the window">{(props) => <Choice {...props} options={kAggregators} value={draft.aggregator} onChange={(aggregator) => change({ aggregator })} />}</Field>
        <Field label="of the last">{(props) => <Choice {...props} options={kWindows} value={draft.window} onChange={(window) => change({ window })} />}</Field>
        {draft.mode === 'change' && (
          <Field label="against">{(props) => <Choice {...props} options={kWindows.map((one) => ({ value: one, label: `${one} before` }))} value={draft.shift} onChange={(shift) => change({ shift })} />}</Field>
        )}
        <Field label="is">{(props) => <Choice {...props} options={kComparators} value={draft.comparator} onChange={(comparator) => change({ comparator })} />}</Field>
      </div>
    </>
  );
}

function GroupBy({ value, onChange, ...rest }: { id: string; value: string; onChange: (text: string) => void; 'aria-invalid': boolean; 'aria-describedby': string | undefined }) {
  // Taken over when the field is left: while typing, "service," is not yet a key less.
  return <input {...rest} type="text" key={value} defaultValue={value} maxLength={500} autoComplete="off" spellCheck={false} placeholder="service, model" onBlur={(event) => onChange(event.target.value)} onKeyDown={(event) => event.key === 'Enter' && (event.preventDefault(), onChange(event.currentTarget.value))} />;
}

function TextQuery({ draft, change, errors }: FieldsProps) {
  const hints: Partial<Record<Mode, ReactNode>> = {
    composite: (
      <>
        Numbers of monitors, <code>&&</code>, <code>||</code>, <code>!</code> and parentheses.
      </>
    ),
    check: (
      <>
        The name, <code>.over("tag:value")</code>, <code>.by("host")</code>, <code>.last(runs)</code>, <code>.count_by_status()</code>.
      </>
    ),
    event: (
      <>
        <code>events("search").rollup("count").by("service").last("5m") &gt; 3</code>
      </>
    ),
  };
  return (
    <Field label="Query" wide hint={hints[draft.mode]} error={errors.query}>
      {(props) => <textarea {...props} rows={3} maxLength={8000} spellCheck={false} value={draft.text} onChange={(event) => change({ text: event.target.value })} />}
    </Field>
  );
}

const kThresholdNames: Readonly<Record<ThresholdName, string>> = {
  critical: 'Alert at', warning: 'Warn at', critical_recovery: 'Alert ends at', warning_recovery: 'Warning ends at', ok: 'OK after', unknown: 'Unknown after',
};

export function ThresholdFields({ draft, change, errors }: FieldsProps) {
  const names = thresholdsOf(draft.mode);
  if (names.length === 0) return null;
  const runs = draft.mode === 'check';
  return (
    <>
      <div className="field-row">
        {names.map((name) => (
          <Field key={name} label={kThresholdNames[name] + (runs ? ' (runs in a row)' : '')} error={errors[`thresholds.${name}`]}>
            {(props) => (
              <input
                {...props}
                type="text"
                inputMode="decimal"
                maxLength={40}
                autoComplete="off"
                placeholder={name === 'critical' ? '' : 'none'}
                value={draft.thresholds[name]}
                onChange={(event) => change({ thresholds: { ...draft.thresholds, [name]: event.target.value } })}
              />
            )}
          </Field>
        ))}
      </div>
      {errors.thresholds !== undefined && (
        <p className="problem" role="alert">
          {errors.thresholds}
        </p>
      )}
    </>
  );
}

export function OptionFields({ draft, change, errors }: FieldsProps) {
  const metric = draft.mode === 'threshold' || draft.mode === 'change' || draft.mode === 'text';
  const option = (name: OptionName, value: string): void => change({ options: { ...draft.options, [name]: value } });
  const number = (name: OptionName, label: string, unit: string, placeholder: string): ReactNode => (
    <Field label={label} error={errors[name]} hint={unit}>
      {(props) => <input {...props} type="text" inputMode="numeric" maxLength={12} autoComplete="off" placeholder={placeholder} value={draft.options[name]} onChange={(event) => option(name, event.target.value)} />}
    </Field>
  );
  return (
    <>
      <div className="field-row">
        {draft.mode !== 'composite' && (
          <Field label="A group that falls silent" error={errors.on_missing_data} wide>
            {(props) => <Choice {...props} options={kMissing} value={draft.options.on_missing_data || 'default'} onChange={(value) => option('on_missing_data', value)} />}
          </Field>
        )}
        {/^show/.test(draft.options.on_missing_data) && number('no_data_timeframe', 'Silent for', 'minutes', 'one window')}
        {metric && number('evaluation_delay', 'Evaluate later by', 'seconds, for data that arrives late', '0')}
        {number('new_group_delay', 'Leave new groups alone', 'seconds', '0')}
        {number('timeout_h', 'Resolve by itself after', 'hours', 'never')}
        <Field label="Forget silent groups after" error={errors.group_retention_duration} hint="60m to 72h">
          {(props) => <input {...props} type="text" maxLength={10} autoComplete="off" placeholder="24h" value={draft.options.group_retention_duration} onChange={(event) => option('group_retention_duration', event.target.value)} />}
        </Field>
        <Field label="Told together by" error={errors.notify_by} hint="keys of the groups; *: all in one">
          {(props) => <input {...props} type="text" maxLength={500} autoComplete="off" spellCheck={false} placeholder="each group for itself" value={draft.notifyBy} onChange={(event) => change({ notifyBy: event.target.value })} />}
        </Field>
      </div>
      <div className="field-checks">
        {metric && (
          <label>
            <input type="checkbox" checked={draft.fullWindow} onChange={(event) => change({ fullWindow: event.target.checked })} /> wait until the window is full
          </label>
        )}
        <label>
          <input type="checkbox" checked={draft.includeTags} onChange={(event) => change({ includeTags: event.target.checked })} /> name the group in titles
        </label>
      </div>
      <h3>Telling again</h3>
      <div className="field-row">
        {number('renotify_interval', 'Every', 'minutes, while it lasts', 'never')}
        {number('renotify_occurrences', 'At most', 'times', 'no limit')}
      </div>
      <div className="field-checks" role="group" aria-label="States that are told again">
        {kRenotifyStates.map((state) => (
          <label key={state}>
            <input
              type="checkbox"
              checked={draft.renotifyStates.includes(state)}
              onChange={(event) => change({ renotifyStates: event.target.checked ? [...draft.renotifyStates, state] : draft.renotifyStates.filter((one) => one !== state) })}
            />{' '}
            {state}
          </label>
        ))}
      </div>
      {errors.renotify_statuses !== undefined && (
        <p className="problem" role="alert">
          {errors.renotify_statuses}
        </p>
      )}
      <Field label="Added when told again" wide error={errors.escalation_message}>
        {(props) => <textarea {...props} rows={2} maxLength={8000} spellCheck={false} value={draft.options.escalation_message} onChange={(event) => option('escalation_message', event.target.value)} />}
      </Field>
    </>
  );
}

export function NameFields({ draft, change, errors }: FieldsProps) {
  return (
    <div className="field-row">
      <Field label="Name" wide error={errors.name} hint="May hold variables: Errors of {{service.name}}">
        {(props) => <input {...props} type="text" maxLength={500} autoComplete="off" value={draft.name} onChange={(event) => change({ name: event.target.value })} />}
      </Field>
      <Field label="Tags" error={errors.tags} hint="joined by commas">
        {(props) => <input {...props} type="text" maxLength={5000} autoComplete="off" spellCheck={false} placeholder="team:shop, severity:sev-2" value={draft.tags} onChange={(event) => change({ tags: event.target.value })} />}
      </Field>
      <Field label="Priority" error={errors.priority}>
        {(props) => (
          <Choice {...props} options={[{ value: '', label: 'none' }, ...['1', '2', '3', '4', '5'].map((value) => ({ value, label: `P${value}` }))]} value={draft.priority} onChange={(priority) => change({ priority })} />
        )}
      </Field>
    </div>
  );
}
