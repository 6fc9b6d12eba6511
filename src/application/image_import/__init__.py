"""Taking data into one or several stores, after its request was answered."""
