// What there is to do about an incident, to be ticked off.
import { useState, type FormEvent } from 'react';
import { addTodo, removeTodo, tickTodo, todosPath } from '../api/work';
import { ApiError } from '../api/client';
import { useResource } from '../api/resource';
import { useMay } from '../api/session';
import { asObject, asText, listIn } from '../model/json';
import { Label } from './plain';
import { ErrorState, Loading } from './states';

interface Todo {
  id: string;
  content: string;
  done: boolean;
  by: string;
}

function readTodos(answer: unknown): Todo[] {
  return listIn(answer, 'data').map((raw) => {
    const a = asObject(asObject(raw)['attributes']);
    return { id: asText(asObject(raw)['id']), content: asText(a['content']), done: asText(a['completed']) !== '', by: asText(a['completed_by']) };
  });
}

export function Checklist({ id, onChange }: { id: string; onChange: () => void }) {
  const answer = useResource<unknown>(todosPath(id), { topics: ['incidents'] });
  const may = useMay('incident_write');
  const [text, setText] = useState('');
  const [busy, setBusy] = useState('');
  const [error, setError] = useState('');
  const run = (what: string, work: Promise<unknown>): Promise<void> => {
    setBusy(what);
    setError('');
    return work.then(
      () => {
        setBusy('');
        answer.reload();
        onChange();
      },
      (failed: unknown) => {
        setBusy('');
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') void run('new', addTodo(id, text.trim())).then(() => setText(''));
  };
  if (answer.data === null) {
    if (answer.error) return <ErrorState error={answer.error} what="loading the checklist" retry={answer.reload} />;
    return <Loading what="the checklist" />;
  }
  const todos = readTodos(answer.data);
  const done = todos.filter((todo) => todo.done).length;
  return (
    <>
      {todos.length > 0 && (
        <p className="muted note">
          {done} of {todos.length} done
        </p>
      )}
      <ul className="checklist" data-testid="checklist">
        {todos.map((todo) => (
          <li key={todo.id} className={todo.done ? 'done' : ''}>
            <label>
              <input
                type="checkbox"
                checked={todo.done}
                disabled={!may || busy === todo.id}
                onChange={() => void run(todo.id, tickTodo(id, todo, !todo.done))}
              />
              <span>
                <span className="checklist-text">
                  <Label text={todo.content} max={600} />
                </span>
                {todo.by !== '' && (
                  <span className="muted">
                    {' '}
                    <Label text={todo.by} max={80} />
                  </span>
                )}
              </span>
            </label>
            {may && (
              <button
                type="button"
                className="quiet"
                aria-label={`Remove: ${todo.content.slice(0, 80)}`}
                disabled={busy === todo.id}
                onClick={() => void run(todo.id, removeTodo(id, todo.id))}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      {may && (
        <form className="checklist-add" onSubmit={add}>
          <input
            type="text"
            aria-label="New item"
            placeholder="Something to do"
            maxLength={1000}
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="submit" disabled={busy !== '' || text.trim() === ''}>
            Add
          </button>
        </form>
      )}
      {error !== '' && (
        <p className="problem" role="alert">
          Not changed: {error}
        </p>
      )}
    </>
  );
}
