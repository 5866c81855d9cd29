// Who is at the page, for the audit log. Nobody signs in yet: it is what the person says, kept for this tab only.
const kStorageName = 'godseye.author';
let memory = '';

export function readAuthor(): string {
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
