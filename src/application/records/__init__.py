"""What the database functions do, one file a noun, one method a function (decision 0024)."""
