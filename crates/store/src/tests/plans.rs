//! The statements that run all the time read few rows, however many there are.
