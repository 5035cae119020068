// Signing in, and the way back to where the person wanted to go.
import { useEffect, useState } from "react";
import { post } from "../../api/client";
import { useSession } from "../../api/session";
import type { Session } from "../../api/types";
import { plural } from "../../lib/format";
import { navigate, useParam } from "../../router";
import { Button, Notice } from "../../ui/basics";
import { Door } from "../../ui/door";
import { Form, TextField, useAction } from "../../ui/form";
import { safeNext } from "./next";

export default function SignInPage() {
  const { session, adopt } = useSession();
  const [next] = useParam("next");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const action = useAction();
  const signedIn = session?.signed_in === true;

  useEffect(() => {
    if (signedIn) navigate(safeNext(next), { replace: true });
  }, [signedIn, next]);

  const submit = () =>
    action.run(async () => {
      adopt(await post<Session>("/session", { email, password }));
    });

  return (
    <Door title="Sign in" heading="Sign in to Fossick">
      {session?.setup_needed ? (
        <Notice title="Nobody has an account here yet">
          <p>
            Open the one-time set-up link that the server printed when it started. It is good for 30 minutes;
            the server prints a new one when it is started again.
          </p>
        </Notice>
      ) : null}
      <Form onSubmit={submit}>
        <SignInProblem error={action.error} />
        <TextField
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={setEmail}
          error={action.error?.field("email")}
        />
        <TextField
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={setPassword}
          error={action.error?.field("password")}
        />
        <div className="form-buttons">
          <Button type="submit" look="primary" busy={action.busy}>
            Sign in
          </Button>
        </div>
        <p className="hint">Forgotten the password? An administrator can make you a reset link.</p>
      </Form>
    </Door>
  );
}

function SignInProblem({ error }: { error: ReturnType<typeof useAction>["error"] }) {
  if (!error) return null;
  if (error.code === "wrong_credentials") {
    return (
      <Notice look="danger" role="alert" title="This e-mail and password don't belong together">
        <p>Your turn: check both. After several wrong tries there is a pause.</p>
      </Notice>
    );
  }
  if (error.status === 429) {
    const wait = error.retryAfterS;
    return (
      <Notice look="warning" role="alert" title="Too many tries">
        <p>Nobody's turn: {wait ? `try again in ${plural(wait, "second")}.` : "try again in a minute."}</p>
      </Notice>
    );
  }
  return (
    <Notice
      look="danger"
      role="alert"
      title={error.message}
      raw={`${error.status} ${error.code}\n${error.detail}`}
    >
      <p>{error.status === 0 ? "Your turn: see whether the server runs." : error.detail}</p>
    </Notice>
  );
}
