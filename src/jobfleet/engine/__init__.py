"""What decides: accept, resolve, dispatch, record, advance, finish, sweep."""
