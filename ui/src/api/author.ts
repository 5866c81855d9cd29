// Who is at the page, for the audit log: who is signed in, else what the person says, kept for this tab only.
import { currentSession } from './session';

const kStorageName = 'godseye.author';
let memory = '';

export function readAuthor(): string {
  if (currentSession().kind === 'user') return currentSession().name;
  try {
    return sessionStorage.getItem(kStorageName) ?? memory;
  } catch {
    return memory;
  }
}

export function saveAuthor(author: string): void {
  memory = author;
  try {
    sessionStorage.setItem(kStorageName, author);
  } catch {
    // kept until reload
  }
}

// What is sent when nobody gave a name.
export const authorName = (): string => readAuthor().trim() || 'page';
