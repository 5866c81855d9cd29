// What the server answers, as far as the pages use it. Datadog's own shapes keep Datadog's names. Everything is optional
// that a neighbour might leave out: a missing field is shown as "–", never a crash.

export type Point = [number, number | null];

export interface QuerySeries {
  metric?: string;
  display_name?: string;
  expression?: string;
  scope?: string;
  tag_set?: string[];
  interval?: number;
  pointlist?: Point[];
  query_index?: number;
}

export interface QueryAnswer {
  status?: string;
  error?: string;
  message?: string;
  query?: string;
  from_date?: number;
  to_date?: number;
  series?: QuerySeries[];
}

export interface MonitorGroup {
  status?: string;
  name?: string;
  last_triggered_ts?: number | null;
  last_notified_ts?: number | null;
  last_resolved_ts?: number | null;
  last_nodata_ts?: number | null;
  last_value?: number | null;
  value?: number | null;
}

export interface MonitorThresholds {
  critical?: number | null;
  warning?: number | null;
  critical_recovery?: number | null;
  warning_recovery?: number | null;
}

export interface MonitorOptions {
  thresholds?: MonitorThresholds;
  on_missing_data?: string;
  notify_no_data?: boolean;
  no_data_timeframe?: number | null;
  renotify_interval?: number | null;
  evaluation_delay?: number | null;
  new_group_delay?: number | null;
  require_full_window?: boolean;
  [name: string]: unknown;
}

export interface Monitor {
  id: number;
  name?: string;
  type?: string;
  query?: string;
  message?: string;
  tags?: string[];
  priority?: number | null;
  overall_state?: string;
  overall_state_modified?: string | number | null;
  created?: string;
  modified?: string;
  multi?: boolean;
  options?: MonitorOptions;
  state?: { groups?: Record<string, MonitorGroup> };
  group_counts?: Record<string, number>; // of all its groups, by state
  worst_group?: string; // one that alerts, or warns; left out when none does
  groups_left_out?: number; // not watched, or not looked at
  groups_changed_ts?: number | null; // the last time one changed its state
  evaluation_error?: string; // why the last evaluation failed
  warnings?: string[]; // accepted, but without effect
}

export interface IncidentField {
  type?: string;
  value?: string | string[] | null;
}

export interface IncidentAttributes {
  title?: string;
  public_id?: number;
  state?: string;
  severity?: string;
  created?: string;
  declared?: string;
  detected?: string;
  modified?: string;
  resolved?: string | null;
  customer_impacted?: boolean;
  customer_impact_scope?: string;
  fields?: Record<string, IncidentField>;
  [name: string]: unknown;
}

export interface IncidentData {
  id: string;
  type: string;
  attributes?: IncidentAttributes;
  relationships?: Record<string, unknown>;
}

export interface IncidentsAnswer {
  // A list, or what a search found.
  data?: IncidentData[] | { attributes?: { incidents?: { data?: IncidentData }[]; total?: number } };
  meta?: { pagination?: { next_offset?: number; offset?: number; size?: number } };
}
