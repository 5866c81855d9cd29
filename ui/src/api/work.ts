// What the pages of incidents and cases change. Each change carries the name that the person gave, for the timeline.
import { changeBody, type IncidentChange } from '../model/incidents';
import { caseBody, kCaseType } from '../model/cases';
import { readAuthor } from './author';
import { deleteJson, getText, patchJson, postJson } from './client';

const named = (path: string): string => {
  const author = readAuthor().trim();
  return author === '' ? path : `${path}${path.includes('?') ? '&' : '?'}author=${encodeURIComponent(author)}`;
};
const segment = encodeURIComponent;

export const incidentPath = (id: string): string => `/api/v2/incidents/${segment(id)}`;
export const incidentWorkPath = (id: string, what: string): string => `/api/godseye/v1/incidents/${segment(id)}/${what}`;
export const todosPath = (id: string): string => `${incidentPath(id)}/relationships/todos`;
export const casePath = (id: string): string => `/api/v2/cases/${segment(id)}`;
export const caseWorkPath = (id: string, what: string): string => `/api/godseye/v1/cases/${segment(id)}/${what}`;

export function openIncident(title: string, severity: string): Promise<{ data?: { id?: string } }> {
  const fields = { severity: { type: 'dropdown', value: severity } };
  return postJson(named('/api/v2/incidents'), { data: { type: 'incidents', attributes: { title, customer_impacted: false, fields } } });
}

export const changeIncident = (id: string, change: IncidentChange): Promise<unknown> =>
  patchJson(named(incidentPath(id)), changeBody(id, change));

export const commentIncident = (id: string, content: string): Promise<unknown> =>
  postJson(named(incidentWorkPath(id, 'timeline')), { content });

export const exportIncident = (id: string): Promise<string> => getText(incidentWorkPath(id, 'export'));

const todoBody = (attributes: object): unknown => ({ data: { type: 'incident_todos', attributes } });

export const addTodo = (id: string, content: string): Promise<unknown> =>
  postJson(named(todosPath(id)), todoBody({ content, assignees: [] }));

export const tickTodo = (id: string, todo: { id: string; content: string }, done: boolean): Promise<unknown> =>
  patchJson(
    named(`${todosPath(id)}/${segment(todo.id)}`),
    todoBody({ content: todo.content, assignees: [], completed: done ? new Date().toISOString() : null }),
  );

export const removeTodo = (id: string, todo: string): Promise<unknown> => deleteJson(named(`${todosPath(id)}/${segment(todo)}`));

export function openCase(title: string, priority: string, description: string): Promise<{ data?: { id?: string } }> {
  return postJson(named('/api/v2/cases'), caseBody({ title, priority, description, type_id: kCaseType }));
}

export const changeCase = (id: string, what: 'status' | 'priority', value: string): Promise<unknown> =>
  postJson(named(`${casePath(id)}/${what}`), caseBody({ [what]: value }));

export const assignCase = (id: string, to: string): Promise<unknown> =>
  to === ''
    ? postJson(named(`${casePath(id)}/unassign`), { data: { type: 'case' } })
    : postJson(named(`${casePath(id)}/assign`), caseBody({ assignee_id: to }));

export const archiveCase = (id: string, archived: boolean): Promise<unknown> =>
  postJson(named(`${casePath(id)}/${archived ? 'archive' : 'unarchive'}`), { data: { type: 'case' } });

export const commentCase = (id: string, comment: string): Promise<unknown> =>
  postJson(named(`${casePath(id)}/comment`), caseBody({ comment }));

export const caseToIncident = (id: string): Promise<{ data?: { id?: string } }> => postJson(named(caseWorkPath(id, 'incident')), {});
