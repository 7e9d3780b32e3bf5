throw new Error("the database at postgres://ann:hunter2@db.example.com is away");
