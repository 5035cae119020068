SELECT failures, last_at FROM login_throttle WHERE subject = $1
