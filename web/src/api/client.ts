// The one door to the server: JSON in and out, the CSRF header on writes, problem documents as errors.
import type { Session } from "./types";

/** What the server said when it refused: `title` for people, `code` for programs, `fields` for forms. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    title: string,
    readonly detail: string,
    readonly fields: { name: string; message: string }[] = [],
    readonly retryAfterS: number | null = null,
    readonly docs: string | null = null,
  ) {
    super(title);
  }

  /** The message of one form field, if the server named it. */
  field(name: string): string | undefined {
    return this.fields.find((field) => field.name === name)?.message;
  }
}

/** Turns whatever was thrown into an [`ApiError`]; a request that got no answer has status 0. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError(0, "no_answer", "The server did not answer", `Is Fossick running? (${detail})`);
}

let csrf = "";
let signedOut: () => void = () => undefined;

/** Remembers the token that writes must carry. */
export function rememberSession(session: Session): void {
  csrf = session.csrf ?? "";
}

/** Says what to do when a call answers that the session has ended. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler;
}

export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

/** Calls `/api/v1<path>` and answers the parsed body, or `undefined` for an empty one. */
export async function call<T>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET") headers["x-fossick-csrf"] = csrf;
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    credentials: "same-origin",
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  });
  const text = await response.text();
  if (!response.ok) {
    const error = problem(response, text);
    if (error.status === 401 && !path.startsWith("/session") && !path.startsWith("/links/")) signedOut();
    throw error;
  }
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  call<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
  call<T>("POST", path, body, signal);

function problem(response: Response, text: string): ApiError {
  const retryAfter = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  const retryAfterS = Number.isNaN(retryAfter) ? null : retryAfter;
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    return new ApiError(
      response.status,
      String(body.code ?? "unknown"),
      String(body.title ?? `The server answered ${response.status}`),
      String(body.detail ?? ""),
      Array.isArray(body.fields) ? (body.fields as { name: string; message: string }[]) : [],
      retryAfterS,
      typeof body.docs === "string" ? body.docs : null,
    );
  } catch {
    return new ApiError(
      response.status,
      "not_a_problem_document",
      `The server answered ${response.status}`,
      text.slice(0, 300),
      [],
      retryAfterS,
    );
  }
}
