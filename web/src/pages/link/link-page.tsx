// One-time links: the first administrator, an invitation, a new password.
import { useState } from "react";
import { type ApiError, call } from "../../api/client";
import { useResource } from "../../api/resource";
import { useSession } from "../../api/session";
import type { LinkInfo, Session } from "../../api/types";
import { Link, navigate } from "../../router";
import { Button, ErrorNotice, Notice, Skeleton, Time } from "../../ui/basics";
import { Door } from "../../ui/door";
import { Form, TextField, useAction } from "../../ui/form";

const TITLES = {
  setup: "Set up Fossick",
  invitation: "Welcome to Fossick",
  reset: "Choose a new password",
} as const;

const PASSWORD_MIN = 10;

export default function LinkPage({ params }: { params: Record<string, string> }) {
  const token = params.token ?? "";
  const link = useResource<LinkInfo>(`/links/${encodeURIComponent(token)}`);
  const title = link.data ? TITLES[link.data.kind] : "Fossick";
  return (
    <Door title={title}>
      {link.loading && <Skeleton rows={3} />}
      {link.error && <LinkProblem error={link.error} retry={link.reload} />}
      {link.data && <LinkForm link={link.data} token={token} />}
    </Door>
  );
}

function LinkProblem({ error, retry }: { error: ApiError; retry: () => void }) {
  const { session } = useSession();
  if (error.status !== 404) return <ErrorNotice error={error} retry={retry} />;
  const title = "This link has expired or was used already";
  if (session?.setup_needed) {
    return (
      <Notice look="warning" role="alert" title={title}>
        <p>
          Nobody has an account here yet, and set-up links are good for 30 minutes. Your turn: stop the server
          and start it again; it prints a new link.
        </p>
      </Notice>
    );
  }
  return (
    <Notice look="warning" role="alert" title={title}>
      <p>
        Links work once and for a short time. Somebody else's turn: ask an administrator for a new one; who
        runs the server makes one with <code>fossick user reset-link</code>.
      </p>
      <p>
        <Link to="/sign-in">Sign in</Link> if you have a password already.
      </p>
    </Notice>
  );
}

function LinkForm({ link, token }: { link: LinkInfo; token: string }) {
  const { adopt } = useSession();
  const [name, setName] = useState("");
  const [email, setEmail] = useState(link.email ?? "");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [mismatch, setMismatch] = useState(false);
  const action = useAction();
  const newPerson = link.kind !== "reset";

  const submit = () => {
    setMismatch(password !== again);
    if (password !== again) return;
    action.run(async () => {
      const body = newPerson ? { name, email, password } : { name: "", email: link.email ?? email, password };
      adopt(await call<Session>("POST", `/links/${encodeURIComponent(token)}`, body));
      navigate("/", { replace: true });
    });
  };

  return (
    <Form onSubmit={submit} error={action.general}>
      <p className="quiet-text">
        {link.kind === "setup" && "You create the first account; it administers this installation. "}
        {link.kind === "invitation" && "Choose a name and a password to join. "}
        {link.kind === "reset" && `For ${link.email ?? "your account"}. `}
        The link works once, and ends <Time at={link.expires_at} />.
      </p>
      {newPerson && (
        <TextField
          label="Your name"
          name="name"
          autoComplete="name"
          required
          maxLength={200}
          autoFocus
          value={name}
          onChange={setName}
          error={action.error?.field("name")}
        />
      )}
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        required
        readOnly={Boolean(link.email)}
        value={email}
        onChange={setEmail}
        error={action.error?.field("email")}
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        autoComplete="new-password"
        required
        minLength={PASSWORD_MIN}
        hint={`At least ${PASSWORD_MIN} characters; a few words in a row are fine.`}
        value={password}
        onChange={setPassword}
        error={action.error?.field("password")}
      />
      <TextField
        label="Password again"
        type="password"
        name="password-again"
        autoComplete="new-password"
        required
        value={again}
        onChange={setAgain}
        error={mismatch ? "The two passwords differ." : undefined}
      />
      <div className="form-buttons">
        <Button type="submit" look="primary" busy={action.busy}>
          {newPerson ? "Create the account" : "Save the password"}
        </Button>
      </div>
    </Form>
  );
}
